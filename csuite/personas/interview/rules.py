"""An answer sorted by rules, without a model: what can be read for certain, and else the person's own words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from csuite.personas.interview.questions import Question
from csuite.profiles import months
from csuite.profiles.entries import BY_KEY, LINE, TEXT, BadEntry, money, parsed

MOST_GOALS = 6
_PARTS = re.compile(r"[.;\n]+(?=\s|$)|,\s+(?=\D)|\s+(?:and|und|y)\s+(?=\D)")
_TARGET = re.compile(
    r"(?P<money>[$€£]\s?)?(?P<number>-?\d[\d.,]*)\s*(?P<times>k|m|mn|bn|million)?\s*(?P<percent>%|per ?cent)?"
)
_FIRST = re.compile(r"^(?:and|und|y)\s+", re.IGNORECASE)
_AT_MOST = re.compile(
    r"\b(?:at most|below|under|above|over|more than|no more|less than|höchstens|unter|como máximo)\b", re.I
)
_NEGATED = re.compile(r"\b(?:no|not|never|nobody|kein\w*|nicht|ning\w+)\b", re.I)
_CAPS = {"at most", "below", "under", "no more", "less than", "höchstens", "unter", "como máximo"}


@dataclass(frozen=True, slots=True)
class DraftGoal:
    """unit: of csuite.profiles.Unit. direction: at_least or at_most."""

    title: str
    target: Decimal
    unit: str
    direction: str
    deadline: date


@dataclass(frozen=True, slots=True)
class Sorted:
    """What an answer said: entries by key as text, goals, and a question back where it was unclear."""

    entries: Mapping[str, str]
    goals: Sequence[DraftGoal] = ()
    ask: str = ""


def sort(question: Question, text: str, deadline: date) -> Sorted:
    if question.goals:
        found = goals(text, deadline)
        return Sorted({}, found, "" if found else "Give each goal a number, for example: gross margin 42 %.")
    return Sorted({key: value for key in question.fills if (value := _entry(question, key, text))})


def _entry(question: Question, key: str, text: str) -> str:
    """Numbers and months where they stand; of the texts only the first that the question is for."""
    entry = BY_KEY[key]
    if entry.kind in ("people", "money"):
        return _number(key, text)
    if entry.kind == "month":
        words = re.findall(r"[^\W\d_]{3,}", text)
        return next((word for word in words if word.title() in months.NAMES), "")
    first = next(one for one in question.fills if BY_KEY[one].kind in ("line", "text"))
    if key != first:
        return ""
    most = LINE if entry.kind == "line" else TEXT
    return text if len(text) <= most else f"{text[: most - 1].rsplit(' ', 1)[0]}…"


def _number(key: str, text: str) -> str:
    try:
        return str(parsed(BY_KEY[key], text) or "")
    except BadEntry:
        return ""


def goals(text: str, deadline: date) -> list[DraftGoal]:
    """One for each part of the answer that has a number."""
    found = []
    for part in _PARTS.split(text):
        words = _FIRST.sub("", " ".join(part.split()).strip(" .,;-*"))
        match = _TARGET.search(words)
        goal = _goal(words, match, deadline) if match and re.search(r"[^\W\d_]{3,}", words) else None
        if goal is not None:
            found.append(goal)
    return found[:MOST_GOALS]


def _goal(words: str, match: "re.Match[str]", deadline: date) -> DraftGoal | None:
    unit = "percent" if match["percent"] else "currency" if match["money"] or match["times"] else "count"
    try:
        target = money(f"{match['number']}{match['times'] or ''}")
    except (BadEntry, InvalidOperation):
        return None
    return DraftGoal(words[:1].upper() + words[1:160], target.normalize(), unit, _direction(words), deadline)


def _direction(words: str) -> str:
    """ "No customer above 8 %" and "below 8 %" are ceilings, "above 8 %" is a floor."""
    found = _AT_MOST.search(words)
    if found is None:
        return "at_least"
    return "at_most" if found[0].casefold() in _CAPS or _NEGATED.search(words[: found.start()]) else "at_least"
