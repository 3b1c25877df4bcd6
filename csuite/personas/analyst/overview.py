"""How things stand, without one metric in the question."""

from decimal import Decimal

from csuite.personas.analyst.parts import Desk, Part
from csuite.personas.analyst.pen import plain, sentence, table
from csuite.profiles import figures, formatting, months
from csuite.profiles.records import Series

MOST = 8


def overview(desk: Desk) -> Part:
    """Every metric the persona sees, in a table, led by the best and the worst of the month."""
    chosen = [s for s in desk.facts.metrics if s.key in desk.facts.sees and s.points][:MOST]
    rows = [_row(desk, series) for series in chosen]
    header = ["Metric", "Newest", "On the month before", "On the year before"]
    return Part(lead=_lead(desk, chosen), body=(table(header, rows),), rank=20)


def _row(desk: Desk, series: Series) -> list[str]:
    newest = series.points[-1]
    cells = []
    for back in (1, 12):
        earlier = series.at(months.shift(newest.period, -back))
        cells.append(_change(desk, series, newest.value - earlier.value) if earlier else "")
    return [desk.pen.name(series), desk.pen.value(series, newest.value), *cells]


def _change(desk: Desk, series: Series, change: Decimal) -> str:
    if series.unit != "percent":
        return formatting.change(change, series.unit, desk.pen.currency, series.places)
    sign = formatting.change(change, series.unit, desk.pen.currency, series.places)[:1]
    return f"{sign if sign in '+−' else ''}{desk.pen.size(series, change)}"


def _lead(desk: Desk, chosen: list[Series]) -> str:
    goals = desk.facts.goals
    found = [figures.key_figure(series, goals, desk.pen.currency) for series in chosen]
    lede = figures.lede(found)
    insights = [i for i in desk.facts.insights if i.persona == desk.persona][:1]
    note = f" {sentence(plain(insights[0].title))}: {plain(insights[0].text)}" if insights else ""
    return f"{lede}{note}"
