"""The same question from another chair: what each persona adds to an answer from its own figures."""

from dataclasses import dataclass

from csuite.personas.analyst.parts import Desk, Part
from csuite.personas.analyst.pen import plain
from csuite.personas.analyst.reach import goals_table
from csuite.profiles import months
from csuite.profiles.records import Series

MOST = 3


@dataclass(frozen=True, slots=True)
class Angle:
    title: str
    metrics: tuple[str, ...]


ANGLES = {
    "cfo": Angle("What else finance sees", ("dso", "overdue_receivables", "cash")),
    "cmo": Angle("Seen from the market", ("order_intake", "demo_requests", "oem_win_rate_pct", "sessions")),
    "cto": Angle("Seen from delivery", ("on_time_delivery_pct", "expedited_shipments", "air_freight_cost")),
}


def angle(desk: Desk, discussed: tuple[Series, ...]) -> Part:
    """Empty where the persona sees nothing beside what was discussed."""
    if desk.persona == "ceo":
        return _goals(desk)
    chosen = ANGLES.get(desk.persona)
    if chosen is None:
        return Part()
    known = {series.key for series in discussed}
    found = [desk.facts.metric(key) for key in chosen.metrics if key not in known]
    lines = [_line(desk, series) for series in found if series is not None and series.points][:MOST]
    insight = _insight(desk, known | told(desk, known))
    return Part(body=(f"### {chosen.title}\n\n" + "\n".join([*lines, *insight]),), rank=60) if lines else Part()


def told(desk: Desk, known: set[str]) -> set[str]:
    """Metrics whose causes were all named with the metrics discussed."""
    names = {cause.cause for cause in desk.facts.causes if cause.metric in known}
    others = {cause.metric for cause in desk.facts.causes}
    return {key for key in others if {c.cause for c in desk.facts.causes if c.metric == key} <= names}


def _line(desk: Desk, series: Series) -> str:
    newest = series.points[-1]
    earlier = series.at(months.shift(newest.period, -1))
    against = f", {desk.pen.against(series, newest, earlier)}" if earlier else ""
    return f"- {desk.pen.name(series)}: {desk.pen.value(series, newest.value)}{against}"


def _insight(desk: Desk, known: set[str]) -> list[str]:
    """The persona's newest own insight that is about something else."""
    for insight in desk.facts.insights:
        if insight.persona == desk.persona and insight.about not in known:
            return [f"- {plain(insight.title)}: {plain(insight.text)}"]
    return []


def _goals(desk: Desk) -> Part:
    part = goals_table(desk, brief=True)
    return Part(body=(f"### Where that leaves the goals\n\n{part.lead}", *part.body), rank=60) if part.body else Part()
