"""An answer cut into what can be checked by itself: sentences, list items, headings and rows of tables.

It reads from left to right and decides on what it has seen and a few characters more, so that a text that is still
being written is cut at the same places as the whole.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from csuite.personas.evidence.lexicon import MONTHS

Shape = Literal["sentence", "item", "heading", "header", "row"]
LONGEST = 1200  # characters of a sentence; what is longer is cut, so that no text takes long
WRAPPED = 60  # a shorter line ends where its writer ended it
AHEAD = 24  # characters that tell what a line is, or whether a sentence has ended

_FENCE = re.compile(r"(```+|~~~+)")
_ITEM = re.compile(r"(?:[-*+•–]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\] )?")
_QUOTE = re.compile(r"(?:>[ \t]?)+")
_RULE = re.compile(r"[-*_=][-*_= \t]{2,}$")
_DELIMITER = re.compile(r"[\s|:+-]*-[\s|:+-]*$")
_HEADING = re.compile(r"#{1,6}[ \t]+")
_END = re.compile(r"[.!?…]+[*_\"')\]”’»]*(?=[ \t])|\n")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:[A-Za-zÄÖÜ]|z\.\s?B|d\.\s?h|u\.\s?a|e\.g|i\.e|p\.\s?ej|Mio|Mrd|Tsd|ca|bzw|vs|approx|Nr|No|Inc|rd"
    r"|aprox|Dr|Mr|Ms|Fig|inkl|zzgl|ggü|Mill|Vj|St)\.$"
)
_DAY = re.compile(r"(?<![\d.,])\d{1,2}\.$")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Unit:
    """`block` is the same for the sentences of a paragraph. `cells`: of a row or header, as (start, end)."""

    shape: Shape
    start: int
    end: int
    block: int
    cells: tuple[tuple[int, int], ...] = ()


class Cutter:
    """Cuts a growing text. What it has given never changes."""

    def __init__(self) -> None:
        self.pos = 0
        self.block = 0
        self.line_start = True
        self.fence = ""
        self.table = False
        self.shape: Shape = "sentence"
        self.previous: tuple[int, int] | None = None  # the line before, a table's header perhaps

    def take(self, text: str, final: bool = False) -> Iterator[Unit]:
        """Every unit that is finished, oldest first."""
        while self.pos < len(text):
            before = self.pos, self.line_start
            unit = self._line(text, final) if self.line_start else self._sentence(text, final)
            if unit is not None:
                yield unit
            if unit is None and (self.pos, self.line_start) == before:
                break

    def _line(self, text: str, final: bool) -> Unit | None:
        end = text.find("\n", self.pos)
        whole = end >= 0 or final
        end = end if end >= 0 else len(text)
        start = self.pos
        while start < end and text[start] in " \t":
            start += 1
        if not whole and end - start < AHEAD:
            return None
        if self.fence or _FENCE.match(text, start):
            if whole:
                self._code(text, start, end)
            return None
        if quote := _QUOTE.match(text, start):
            start = quote.end()
        line = text[start:end]
        if whole and (not line.strip() or _RULE.match(line.strip())):
            self.pos, self.table, self.previous = end + 1, False, None
            self.block += 1
            return None
        if self.table or line.startswith("|") or _DELIMITER.match(line[:AHEAD]):
            if not whole:
                return None
            if "|" in line:
                return self._row(text, start, end)
            self.table = False
        return self._prose(text, start, end, whole)

    def _code(self, text: str, start: int, end: int) -> None:
        mark = _FENCE.match(text, start)
        if not self.fence and mark:
            self.fence = mark.group(1)
        elif mark and mark.group(1).startswith(self.fence):
            self.fence = ""
        self.pos = end + 1

    def _row(self, text: str, start: int, end: int) -> Unit | None:
        self.pos = end + 1
        header, self.previous = self.previous, (start, end)
        if _DELIMITER.match(text[start:end]):
            self.table = True
            self.block += 1
            if header is None:
                return None
            return Unit("header", *header, self.block, _cells(text, *header))
        if not self.table:  # a header, if a delimiter follows
            return None
        return Unit("row", start, end, self.block, _cells(text, start, end))

    def _prose(self, text: str, start: int, end: int, whole: bool) -> Unit | None:
        if heading := _HEADING.match(text, start):
            if not whole:
                return None
            self.pos = end + 1
            self.block += 1
            return Unit("heading", heading.end(), end, self.block)
        item = _ITEM.match(text, start)
        self.shape = "item" if item else "sentence"
        self.previous = (start, end)
        self.pos = item.end() if item else start
        self.line_start = False
        return None

    def _sentence(self, text: str, final: bool) -> Unit | None:
        at = self.pos
        while True:
            found = _END.search(text, at, self.pos + LONGEST)
            if found is None and len(text) > self.pos + LONGEST:
                cut = text.rfind(" ", self.pos + 1, self.pos + LONGEST)
                return self._give(text, cut if cut > 0 else self.pos + LONGEST, False)
            if found is None:
                return self._give(text, len(text), True) if final else None
            if text[found.start()] == "\n":
                short = found.start() - text.rfind("\n", 0, found.start()) < WRAPPED
                short = short or text[found.start() - 1 : found.start()] in (".", "!", "?", ":", "…", "*")
                goes_on = False if short else _continues(text, found.end(), final)
                if goes_on is None:
                    return None
                if not goes_on:
                    return self._give(text, found.start(), True, found.end())
                self.previous = (found.end(), _line_end(text, found.end()))
            else:
                ended = _ended(text, found.start(), found.end(), final)
                if ended is None:
                    return None
                if ended:
                    return self._give(text, found.end(), False)
            at = found.end()

    def _give(self, text: str, end: int, line_start: bool, pos: int | None = None) -> Unit:
        start = self.pos
        while start < end and text[start] in " \t":
            start += 1
        unit = Unit(self.shape, start, end, self.block)
        self.pos, self.line_start = end if pos is None else pos, line_start
        return unit


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return end if end >= 0 else len(text)


def _continues(text: str, start: int, final: bool) -> bool | None:
    """Whether the line that begins here goes on with the sentence before; None while that cannot be said."""
    end = text.find("\n", start)
    if end < 0 and not final and len(text) - start < AHEAD:
        return None
    line = text[start : end if end >= 0 else len(text)][:AHEAD].lstrip()
    special = _FENCE, _ITEM, _QUOTE, _HEADING, _RULE
    return bool(line) and not line.startswith("|") and not any(kind.match(line) for kind in special)


def _ended(text: str, mark: int, after: int, final: bool) -> bool | None:
    """Whether the mark at `mark` ends a sentence; None while that cannot be said."""
    following = text[after : after + AHEAD]
    if len(following) < AHEAD and not final and "\n" not in following:
        return None
    following = following.lstrip()
    if not following:
        return True
    if following[0].islower():
        return False
    before = text[max(0, mark - 12) : mark + 1]
    if text[mark] != ".":
        return True
    if _ABBREVIATED.search(before):
        return False
    word = _WORD.match(following)
    return not (_DAY.search(before) and word and word.group().lower() in MONTHS)


def _cells(text: str, start: int, end: int) -> tuple[tuple[int, int], ...]:
    """Of a row, without the marks at its ends."""
    bars = [at for at in range(start, end) if text[at] == "|" and text[at - 1 : at] != "\\"]
    edges = [*([] if bars and not text[start : bars[0]].strip() else [start - 1]), *bars]
    if not text[edges[-1] + 1 : end].strip():
        edges[-1:] = [edges[-1]] if len(edges) > 1 else [edges[-1], end]
    else:
        edges.append(end)
    return tuple((first + 1, last) for first, last in pairwise(edges))


_MASKED = re.compile(
    r"`[^`\n]{0,300}`|<[^<>\n]{1,300}>|\]\([^()\s]{0,500}\)|(?:https?://|www\.)[^\s)>\]]{1,500}"
    r"|[\w.+-]{1,64}@[\w-]{1,64}\.[\w.]{2,64}|\d{14,}|\*+|__|~~|\\(?=[$*_~])"
)


def masked(text: str) -> str:
    """The text with code, addresses and marks of emphasis and long ids blanked, every character in its place."""
    return _MASKED.sub(lambda found: " " * len(found.group()), text)
