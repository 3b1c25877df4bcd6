"""Insights and causes that a question names by their words: a customer, a place, a release."""

import re
from functools import lru_cache

from csuite.personas.analyst.lexicon import ENGLISH
from csuite.personas.analyst.parts import Desk, Part
from csuite.personas.analyst.pen import plain
from csuite.profiles import months

_WORD = re.compile(r"[^\W_][\w.-]{2,}")
_COMMON = (
    "month months year years last next first most more less about which what when where figures goal goals company all"
    " our have been will their they them could would should explain because work made make data know tell give show"
    " three four five two one sentences put draft write please question answer points point"
)
COMMON = ENGLISH | frozenset(_COMMON.split()) | frozenset(name.lower() for name in months.NAMES)


@lru_cache(maxsize=1024)  # the texts on record are the same for every question
def words(text: str) -> frozenset[str]:
    found = {word.lower().rstrip(".-") for word in _WORD.findall(text)}
    return frozenset(word for word in found if word not in COMMON and not word.isdigit())


def recall(desk: Desk) -> Part:
    """What is on record about the things the question names; empty when nothing is."""
    asked = words(desk.reading.text)
    hits = []
    for insight in desk.facts.insights:
        score = len(asked & words(f"{insight.title} {insight.text}"))
        said = f"{plain(insight.title)}: {plain(insight.text)} (found {months.day(insight.found_on)})"
        hits.append((score, said))
    for cause in desk.facts.causes:
        score = len(asked & words(f"{cause.cause} {cause.lasts} {cause.remedy}"))
        series = desk.facts.metric(cause.metric)
        name = desk.pen.name(series) if series else ""
        size = ""
        if cause.points is not None and series is not None:
            size = f", {desk.pen.size(series, cause.points)}"
        notes = ". ".join(plain(note) for note in (cause.lasts, cause.remedy) if note)
        hits.append((score, f"{name}, {desk.pen.month(cause.period)}: {plain(cause.cause)}{size}. {notes}".strip()))
    best = max((score for score, _ in hits), default=0)
    if not best:
        return Part()
    chosen = list(dict.fromkeys(said for score, said in hits if score == best))[:3]
    lines = "\n".join(f"- {said.rstrip('.')}." for said in chosen)
    return Part(lead="This is what is on record; the data hold no more about it.", body=(lines,), rank=20)
