"""Why a metric moved: the change, its causes, its product lines, and what lasts."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from csuite.personas.analyst.parts import Desk, Part
from csuite.personas.analyst.pen import joined, plain, sentence, table
from csuite.profiles import arithmetic, formatting, months
from csuite.profiles.records import Cause, Point, Series

LASTING = (("passes", "will pass"), ("lasts", "will last"), ("open", "may go either way"))


def explain(desk: Desk, series: Series) -> Part:
    month = desk.reading.month(desk.pen.newest)
    point = series.at(month) or series.points[-1]
    before = series.at(months.shift(point.period, -1))
    causes = desk.facts.causes_of(series.key, point.period)
    return Part(
        lead=moved(desk, series, point, before),
        body=tuple(
            block
            for block in (
                bridge(desk, series, point, before, causes),
                lasting(desk, series, causes),
                by_line(desk, series, point.period),
                "" if causes else beside(desk, series, point.period),
            )
            if block
        ),
        rank=10,
    )


def moved(desk: Desk, series: Series, point: Point, before: Point | None) -> str:
    """`October closed at **38.4%**, 2.8 points below September.`, corrected where the question has it wrong."""
    pen = desk.pen
    name, month, value = pen.name(series), pen.month(point.period), pen.value(series, point.value)
    if before is None:
        return f"{name} stood at **{value}** in {month}; there is no month before it to compare with."
    way = (point.value > before.value) - (point.value < before.value)
    asked = {"fell": -1, "rose": 1}.get(desk.reading.moved)
    against = pen.against(series, point, before)
    if asked and way != asked:
        verb = "fall" if asked < 0 else "rise"
        return f"{name} did not {verb} in {month}: **{value}**, {against}."
    if desk.persona == "cfo":
        return f"{name} closed {month} at **{value}**, {against}."
    return f"{name} stood at **{value}** in {month}, {against}."


def checked(desk: Desk, series: Series) -> Part:
    """Whether it fell or rose, without a why."""
    month = desk.reading.month(desk.pen.newest)
    point = series.at(month) or series.points[-1]
    return Part(lead=moved(desk, series, point, series.at(months.shift(point.period, -1))))


def bridge(desk: Desk, series: Series, point: Point, before: Point | None, causes: Sequence[Cause]) -> str:
    """The causes as a table, with what they leave unexplained and the total."""
    if not causes:
        return ""
    if all(cause.points is None for cause in causes):
        return amounts(desk, causes)
    money = any(cause.amount is not None for cause in causes)
    total = arithmetic.total([cause.points or Decimal(0) for cause in causes])
    rows = [_row(desk, series, cause, money) for cause in causes]
    change = point.value - before.value if before else total
    if change != total:
        rows.append(_cells("Not explained", _change(desk, series, change - total), "", "", money))
    amount = arithmetic.total([cause.amount or Decimal(0) for cause in causes])
    foot = f"Change on {desk.pen.month(before.period)}" if before else "Together"
    rows.append(_cells(f"**{foot}**", f"**{_change(desk, series, change)}**", f"**{_k(amount)}**", "", money))
    symbol = formatting.symbol(desk.pen.currency).strip()
    size = {"percent": "Points", "currency": "Change"}.get(series.unit, sentence(series.unit))
    name = plain(next((cause.amount_name for cause in causes if cause.amount_name), "Amount"))
    header = ["Cause", size, *([f"{name}, {symbol}k"] if money else []), "Will it last?~"]
    return f"### What moved {desk.pen.inner(series)}\n\n{table(header, rows)}"


def _row(desk: Desk, series: Series, cause: Cause, money: bool) -> list[str]:
    points = _change(desk, series, cause.points) if cause.points is not None else ""
    amount = _k(cause.amount) if cause.amount is not None else ""
    return _cells(plain(cause.cause), points, amount, plain(cause.lasts), money)


def _cells(name: str, points: str, amount: str, lasts: str, money: bool) -> list[str]:
    return [name, points, *([amount] if money else []), lasts]


def _change(desk: Desk, series: Series, value: Decimal) -> str:
    return formatting.change(value, series.unit, desk.pen.currency, series.places)


def _k(amount: Decimal) -> str:
    return formatting.number(amount / 1000)


def amounts(desk: Desk, causes: Sequence[Cause]) -> str:
    """Causes that are sums of money, largest first: late invoices."""
    symbol = formatting.symbol(desk.pen.currency)
    ordered = sorted(causes, key=lambda cause: -(cause.amount or Decimal(0)))
    rows = [
        [plain(c.cause), f"{symbol}{formatting.number(c.amount)}" if c.amount else "", plain(c.lasts)] for c in ordered
    ]
    total = arithmetic.total([cause.amount or Decimal(0) for cause in causes])
    rows.append(["**Together**", f"**{symbol}{formatting.number(total)}**", ""])
    name = plain(causes[0].amount_name or "Amount")
    largest = ordered[0].amount or Decimal(0)
    share = arithmetic.share(largest, total)
    note = f"\n\nThe largest, {plain(ordered[0].cause)}, is {formatting.percent(share)} of it." if share else ""
    return f"### Where it sits\n\n{table(['What', name, 'What is known~'], rows)}{note}"


def lasting(desk: Desk, series: Series, causes: Sequence[Cause]) -> str:
    """Of the change, how much passes, lasts and is open."""
    if not causes or any(cause.points is None for cause in causes):
        return ""
    parts = []
    for kind, verb in LASTING:
        chosen = [cause.points for cause in causes if cause.lasting == kind and cause.points is not None]
        if chosen:
            size = desk.pen.size(series, arithmetic.total(chosen))
            parts.append(f"{size.removesuffix(' points')} {verb}")
    total = arithmetic.total([cause.points for cause in causes if cause.points is not None])
    return f"Of the {desk.pen.size(series, total)} explained, {joined(parts)}." if len(parts) > 1 else ""


def by_line(desk: Desk, series: Series, month: date) -> str:
    """Each product line's month and its change on the month before."""
    earlier = months.shift(month, -1)
    rows = []
    for line, points in series.lines.items():
        at = {point.period: point.value for point in points}
        if month in at and earlier in at:
            rows.append((at[month] - at[earlier], line, at[month]))
    if len(rows) < 2:
        return ""
    rows.sort(key=lambda row: row[0] if series.good != "down" else -row[0])
    change, line, value = rows[0]
    cells = [[plain(name), desk.pen.bare(series, v), _change(desk, series, c)] for c, name, v in rows]
    unit = "points" if series.unit == "percent" else "change"
    way = "lost" if change < 0 else "gained"
    size, end = desk.pen.size(series, change), desk.pen.value(series, value)
    worse = change < 0 or series.good == "down"
    first = f"By product line, {plain(line)} {way} most: {size}, to {end}." if worse else "By product line, none fell."
    if desk.persona != "cfo":
        return first
    header = ["Line", desk.pen.month(month), f"On {desk.pen.month(earlier)}, {unit}"]
    return f"{first}\n\n{table(header, cells)}"


def beside(desk: Desk, series: Series, month: date) -> str:
    """Without recorded causes: what is noted about the metric, else what else moved unusually in the month."""
    noted = [f"{plain(i.title)}: {plain(i.text)}" for i in desk.facts.insights if i.about == series.key]
    if noted and month == series.points[-1].period:
        return f"What is recorded about it: {noted[0]}"
    found = []
    for other in desk.facts.metrics:
        strength = unusual(other, month)
        if other.key != series.key and strength is not None and strength >= 2:
            found.append((strength, other))
    found.sort(key=lambda pair: -pair[0])
    start = "No causes are recorded for this change, so I cannot say why."
    if not found:
        return f"{start} Nothing else I see moved unusually in {desk.pen.month(month)}."
    lines = [
        f"- {desk.pen.name(other)}: {desk.pen.value(other, now.value)}, {desk.pen.against(other, now, before)}"
        for _, other in found[:3]
        for now, before in [(other.at(month), other.at(months.shift(month, -1)))]
        if now and before
    ]
    opening = f"{start} What else moved unusually in {desk.pen.month(month)}, which is a hint and no proof:"
    return "\n".join([opening, "", *lines])


def unusual(series: Series, month: date) -> Decimal | None:
    """The month's change in multiples of the usual size of a change; None without a history."""
    values = [point.value for point in series.points if point.period <= month]
    if len(values) < 6 or series.points[-1].period < month:
        return None
    steps = [abs(after - before) for before, after in pairwise(values)]
    usual = arithmetic.mean(steps[:-1])
    return steps[-1] / usual if usual else None
