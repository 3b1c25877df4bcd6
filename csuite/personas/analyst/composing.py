"""The answer: which parts a question needs, put together as Markdown."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from csuite.personas.analyst import advice, angle, overview, reach, recall, shown, unknown, why
from csuite.personas.analyst.lexicon import ELSEWHERE
from csuite.personas.analyst.parts import Desk, Part
from csuite.personas.analyst.pen import Pen
from csuite.personas.analyst.periods import Window
from csuite.personas.analyst.reading import Reading, read
from csuite.profiles import months
from csuite.profiles.records import Facts

CLOSING = "No language model was used. The built-in analyst answered from your metrics by rule."
EMPTY = "There are no figures yet. Load your metrics in the profile, and I can tell you how they stand."
STALE = 2  # months that the newest figures may be behind


def answer(persona: str, question: str, facts: Facts, today: date, history: Sequence[str] = ()) -> str:
    """Markdown. `persona`: a key; `history`: earlier questions, oldest first. Never raises for any text."""
    newest = facts.newest
    if newest is None:
        return f"{EMPTY}\n\n*{CLOSING}*\n"
    reading = read(question, facts, history)
    desk = Desk(facts, reading, Pen(facts, newest), persona)
    blocks = assembled([part for part in parts(desk) if part.lead or part.body])
    opening = ELSEWHERE.get(reading.language)
    return "\n\n".join(filter(None, [opening, *blocks, stale(newest, today), f"*{CLOSING}*"])) + "\n"


def worked_out(persona: str, question: str, facts: Facts, history: Sequence[str] = ()) -> str:
    """The figures that answer a question, for a model to narrate; empty where the analyst has no answer."""
    newest = facts.newest
    if newest is None:
        return ""
    desk = Desk(facts, read(question, facts, history), Pen(facts, newest), persona)
    found = [part for part in parts(desk) if part.lead or part.body]
    return "" if any(part.is_excuse for part in found) else "\n\n".join(assembled(found))


def assembled(found: Sequence[Part]) -> list[str]:
    lead = " ".join(part.lead for part in found if part.lead)
    body = [block for part in sorted(found, key=lambda part: part.rank) for block in part.body if block]
    return [lead, *body]


def parts(desk: Desk) -> list[Part]:
    reading = desk.reading
    if reading.metrics:
        found = about_metrics(desk, reading)
        return [*found, unknown.elsewhere(reading.elsewhere)]
    if reading.elsewhere:
        return [unknown.elsewhere(reading.elsewhere)]
    if reading.wants("reach"):
        worst = reach.most_at_risk(desk) if reading.wants("why") else None
        return [reach.goals_table(desk), *([why.explain(desk, worst)] if worst else [])]
    if reading.wants("overview"):
        return [overview.overview(desk), advice.advise(desk, desk.facts.metrics), _goals(desk)]
    if reading.wants("advice"):
        return [*general_advice(desk)]
    remembered = recall.recall(desk)
    if remembered.lead:
        return [remembered]
    return [overview.overview(desk)] if reading.wants("trend", "compare", "total") else [unknown.unknown(desk)]


def _goals(desk: Desk) -> Part:
    part = reach.goals_table(desk)
    return Part(body=(part.lead, *part.body), rank=50)


def general_advice(desk: Desk) -> list[Part]:
    listed = advice.advise(desk, desk.facts.metrics)
    if not listed.body:
        return [unknown.unknown(desk)]
    return [Part(lead="From what is recorded, these measures would give most."), listed, _goals(desk)]


def about_metrics(desk: Desk, reading: Reading) -> list[Part]:
    """The parts for the metrics of the question, the first intent that fits for each."""
    first, chosen = reading.metrics[0], reading.metrics
    if reading.wants("why"):
        return explained(desk, reading)
    if reading.wants("advice"):
        return [shown.value(desk, first), why_body(desk, reading), advice.advise(desk, chosen)]
    if reading.wants("reach"):
        return [
            shown.value(desk, first),
            reach.reach(desk, first),
            advice.advise(desk, chosen),
            angle.angle(desk, chosen),
        ]
    if reading.lines:
        return [shown.by_product_line(desk, series) for series in chosen]
    if reading.wants("compare") or len([w for w in reading.windows if w.kind == "month"]) > 1:
        return [shown.compare(desk, chosen)]
    if reading.wants("best", "worst"):
        return [shown.extremes(desk, series) for series in chosen]
    if reading.wants("total", "average") and not reading.windows:
        start = months.year_start(desk.pen.newest, desk.facts.company.fiscal_year_start)
        year = Window(start, desk.pen.newest, "year")
        return [shown.total(desk, series, year) for series in chosen]
    if reading.moved and all(window.length == 1 for window in reading.windows):
        return [why.checked(desk, series) for series in chosen]
    if reading.wants("trend") or any(window.kind in ("last", "since") for window in reading.windows):
        return [shown.listed(desk, chosen)]
    return [shown.value(desk, series) for series in chosen]


def explained(desk: Desk, reading: Reading) -> list[Part]:
    found = [why.explain(desk, series) for series in reading.metrics]
    first = reading.metrics[0]
    if reading.wants("reach"):
        found.append(reach.reach(desk, first))
    if reading.month(desk.pen.newest) == first.points[-1].period:
        found.append(advice.advise(desk, reading.metrics))
    return [*found, angle.angle(desk, reading.metrics)]


def why_body(desk: Desk, reading: Reading) -> Part:
    """The causes without the opening sentence: for questions that ask what to do."""
    part = why.explain(desk, reading.metrics[0])
    return Part(body=part.body, rank=part.rank)


def stale(newest: date, today: date) -> str:
    behind = months.between(newest, months.first_of(today))
    if behind < STALE:
        return ""
    return f"The newest figures are for {months.long(newest)}; nothing later is loaded."


def pieces(text: str) -> Iterator[str]:
    """The text word by word, as a stream would bring it; joined they are the text."""
    yield from re.findall(r"\s*\S+\s*?(?=\s|$)|\s+$", text)
