"""Where the words stand in a text, as pieces that a page escapes one by one. Pure."""

import re
from dataclasses import dataclass

BEFORE, AFTER = 70, 130  # characters around the first word that is found
_WORD = re.compile(r"[^\W_]+(?:[.,'’/-][^\W_]+)*")
# Signs of Markdown that would only disturb in one line of text.
_SIGNS = re.compile(r"[*`#>|~]+|(?<!\w)_+|_+(?!\w)|\[(?=[^\]]*\]\()|(?<=\])\([^)]*\)|^\s*[-+]\s", re.M)
MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    hit: bool


def words_of(wanted: str) -> list[str]:
    """The words that are searched for, at most eight."""
    return _WORD.findall(wanted)[:MOST_WORDS]


def snippet(text: str, wanted: list[str]) -> tuple[Piece, ...]:
    """One line around the first of the words, each of them marked; the beginning where none stands in the text."""
    line = " ".join(_SIGNS.sub(" ", text).split())
    found = _pattern(wanted).search(line) if wanted else None
    start = max(0, found.start() - BEFORE) if found else 0
    if start:
        start = line.find(" ", start) + 1 or start
    end = min(len(line), (found.start() if found else 0) + AFTER)
    shown = ("… " if start else "") + line[start:end] + (" …" if end < len(line) else "")
    return tuple(_pieces(shown, wanted))


def _pattern(wanted: list[str]) -> re.Pattern[str]:
    """A word of a text that begins with one of the wanted ones."""
    return re.compile(r"(?<![^\W_])(?:" + "|".join(re.escape(word) for word in wanted) + r")[^\W_]*", re.I)


def _pieces(shown: str, wanted: list[str]) -> list[Piece]:
    if not wanted:
        return [Piece(shown, False)]
    pieces, at = [], 0
    for found in _pattern(wanted).finditer(shown):
        pieces += [Piece(shown[at : found.start()], False), Piece(found.group(), True)]
        at = found.end()
    return [piece for piece in [*pieces, Piece(shown[at:], False)] if piece.text]
