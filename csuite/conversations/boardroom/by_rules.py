"""A synthesis without a language model: what several officers say in the same words, and what each would do. Pure.

Rules do not weigh arguments, so there is no decision, no confidence and no dissent: the officers are quoted.
"""

import re
from collections.abc import Mapping

from csuite.conversations.boardroom.minutes import Minutes, Point, Position
from csuite.conversations.boardroom.tracing import FEWEST_WORDS, words

MISSING = "Rules can lay the answers side by side; weighing them takes a language model, or you."
LONGEST = 280  # characters of a quotation
MOST = 3  # points of agreement
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_]|[*“\"])")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+(?P<text>.+)$")
_FIRST = re.compile(r"^\s*1[.)]\s+\S")
_MARKUP = re.compile(r"[*_`]+")
_LABEL = re.compile(r"^[^.!?]{1,60}:$")


def minutes_by_rules(answers: Mapping[str, str], names: Mapping[str, str]) -> Minutes:
    """answers, names: by officer's key, in the order they were asked."""
    said = {officer: sentences(text) for officer, text in answers.items()}
    return Minutes(
        missing=MISSING,
        agreement=shared(said)[:MOST],
        positions=[
            Position(officer=officer, quote=_cut(stance(answers[officer], lines)))
            for officer, lines in said.items()
            if lines
        ],
        names=dict(names),
        by_rules=True,
    )


def stance(text: str, lines: list[str]) -> str:
    """What an officer would do first: the first point of a numbered list, else the first sentence."""
    first = next((line for line in text.splitlines() if _FIRST.match(line)), "")
    return next(iter(sentences(first)), lines[0])


def sentences(text: str) -> list[str]:
    """The sentences and list items of an answer; tables, headings and what only introduces a list are left out.

    An answer's own note that no model was used says nothing about the question: it stands in italics, alone.
    """
    found: list[str] = []
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith(("|", "#", "```", ">")) or re.fullmatch(r"\*[^*]+\*", line):
            continue
        item = _ITEM.match(line)
        parts = [item["text"]] if item else _SENTENCE.split(line)
        plain = (_MARKUP.sub("", part).strip() for part in parts)
        found += [part for part in plain if len(words(part)) >= FEWEST_WORDS and not _LABEL.match(part)]
    return found


def shared(said: Mapping[str, list[str]]) -> list[Point]:
    """What two or more say in the same words, what most say first."""
    first: dict[tuple[str, ...], str] = {}
    who: dict[tuple[str, ...], list[str]] = {}
    for officer, lines in said.items():
        for line in lines:
            same = words(line)
            first.setdefault(same, line)
            if officer not in who.setdefault(same, []):
                who[same].append(officer)
    points = [Point(point=_cut(first[same]), officers=officers) for same, officers in who.items() if len(officers) > 1]
    return sorted(points, key=lambda point: -len(point.officers))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rsplit(" ", 1)[0] + "…"
