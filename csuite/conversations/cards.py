"""The source card of one figure of an answer: where it comes from, in words, values and a chart. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.safestring import mark_safe

from csuite.charts import Line, line
from csuite.profiles import arithmetic, formatting, months
from csuite.profiles.facts import Whole
from csuite.profiles.figures import delta_text, direction, is_good, monthly_target
from csuite.profiles.freshness import freshness
from csuite.profiles.records import Point, Series

SHOWN = 18  # months in the chart and its table
MOST_PARTS = 24
STATES = {
    "found": ("good", "check", "From your data"),
    "calculated": ("accent", "calc", "Calculated"),
    "not_found": ("warn", "warn", "Not found in your data"),
}
# Kinds of sources that are no metric: what they are called.
OTHERS = {
    "goal": "Goal",
    "cause": "Cause on record",
    "insight": "Insight",
    "company": "Profile",
    "deal": "Deal",
    "text": "Worked out by the server for this question",
}


@dataclass(frozen=True, slots=True)
class Delta:
    text: str
    note: str
    direction: str  # up, down or level
    is_good: bool | None


@dataclass(frozen=True, slots=True)
class Part:
    """One figure that another rests on. `metric` is the key of its page, "" for what has none."""

    name: str
    value: str
    metric: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    tone: str
    icon: str
    state: str
    title: str
    value: str
    is_found: bool
    calculation: str = ""
    parts: tuple[Part, ...] = ()
    metric: Series | None = None
    cadence: str = ""
    point: Point | None = None
    late: str = ""
    delta: Delta | None = None
    chart: str = ""  # SVG that is safe to show
    rows: tuple[Part, ...] = ()
    lines: tuple[Part, ...] = ()


def card(one: Mapping[str, Any], known: Whole) -> Card:
    """`one`: an entry of evidence[]. What the data say now; the figure itself stays as it was checked."""
    tone, icon, state = STATES[one["class"]]
    series = next((series for series in known.series if series.key == one["metric"]), None)
    money = known.company.currency
    if one["class"] == "not_found" or series is None or not series.points:
        parts = tuple(_parts(one, known))
        named = one["text"] if one["class"] == "not_found" else (parts[0].name if parts else state)
        shown = "" if one["class"] == "not_found" else str(one["text"])
        return Card(tone, icon, state, named, shown, False, one["calculation"] or "", parts)
    period = date.fromisoformat(one["period"]) if one["period"] else None
    line_name, point = _at(one, series, period)
    name = f"{series.name}, {line_name}" if line_name else series.name
    is_found = one["class"] == "found"
    return Card(
        tone=tone,
        icon=icon,
        state=state,
        title=f"{name}, {months.long(period)}" if period and is_found else name,
        value=shown_value(one, series, money),
        is_found=is_found,
        calculation=one["calculation"] or "",
        parts=() if is_found and point else tuple(_parts(one, known)),
        metric=series,
        cadence=str(series.cadence),
        point=point,
        late=_late(series, known.today),
        delta=_delta(series, point, known) if is_found and point and not line_name else None,
        chart=mark_safe(_chart(series, known)),  # noqa: S308 - charts escape what they are given
        rows=tuple(
            Part(months.short(one.period), formatting.bare(one.value, series.unit, money, series.places))
            for one in reversed(series.points[-SHOWN:])
        ),
        lines=tuple(_lines(series, period, money)),
    )


def shown_value(one: Mapping[str, Any], series: Series, money: str) -> str:
    """In full, as the data have it."""
    value, unit = Decimal(one["value"]), one["unit"]
    if unit == "points":
        return f"{formatting.signed(value, 2)} points"
    if unit == "multiple":
        return f"{formatting.number(value, 2)}×"
    if unit in ("currency", "percent", "days", "hours", "count"):
        return formatting.worded(value, unit, money, series.places if unit == series.unit else None)
    return str(one["text"])


def _at(one: Mapping[str, Any], series: Series, period: date | None) -> tuple[str, Point | None]:
    """The line that the figure names, "" for the whole, and its point of that month."""
    ids = [str(id) for id in one["source"] if str(id).startswith(f"metric:{series.key}")]
    line_name = ids[0].partition(":")[2].partition(":")[0].partition("/")[2] if ids else ""
    points = series.lines.get(line_name, ()) if line_name else (*series.points, *series.forecast)
    return line_name, next((point for point in points if point.period == period), None) if ids else None


def _parts(one: Mapping[str, Any], known: Whole) -> Iterator[Part]:
    """What the figure rests on, each with its value and its page."""
    by_key = {series.key: series for series in known.series}
    for id in list(dict.fromkeys(map(str, one["source"])))[:MOST_PARTS]:
        kind, _, rest = id.partition(":")
        if kind == "metric":
            yield from _of_metric(rest, by_key, known.company.currency)
        elif kind == "goal":
            found = next((goal for goal in known.goals if goal.key == rest), None)
            value = formatting.target(found.target, found.unit, known.company.currency) if found else ""
            yield Part(f"Goal: {found.title if found else rest}", value, found.metric or "" if found else "")
        elif kind in OTHERS:
            about = rest if kind in ("company", "deal") else ""
            metric = str(one["metric"] or "")
            yield Part(f"{OTHERS[kind]}: {about}" if about else OTHERS[kind], "", metric if metric in by_key else "")


def _of_metric(rest: str, by_key: Mapping[str, Series], money: str) -> Iterator[Part]:
    name, _, when = rest.partition(":")
    key, _, line_name = name.partition("/")
    month, _, forecast = when.partition(":")
    series = by_key.get(key)
    if series is None:
        return
    points = series.lines.get(line_name, ()) if line_name else series.forecast if forecast else series.points
    point = next((point for point in points if f"{point.period:%Y-%m}" == month), None)
    words = [series.name, line_name, months.long(point.period) if point else month, forecast]
    value = formatting.bare(point.value, series.unit, money, series.places) if point else "not there any more"
    yield Part(", ".join(word for word in words if word), value, key)


def _delta(series: Series, point: Point, known: Whole) -> Delta | None:
    """Against the month's target, else the month before."""
    target = monthly_target(series, known.goals)
    before = series.at(months.shift(point.period, -1))
    base = target if target is not None else before.value if before else None
    if base is None or base == point.value:
        return None
    change = arithmetic.Change(base, point.value)
    against = "target" if target is not None else f"on {months.long(months.shift(point.period, -1))}"
    note = f"{'over' if point.value > base else 'under'} target" if target is not None else against
    return Delta(delta_text(series, change, known.company.currency), note, direction(change), is_good(series, change))


def _late(series: Series, today: date) -> str:
    found = freshness(series.cadence, series.points[-1].period, today)
    return found.words if found.days_late else ""


def _chart(series: Series, known: Whole) -> str:
    money, recent = known.company.currency, series.points[-SHOWN:]

    def say(value: Decimal | float) -> str:
        return formatting.bare(Decimal(str(value)), series.unit, money, series.places)

    target = monthly_target(series, known.goals)
    data = Line(
        [months.short(point.period) for point in recent],
        [float(point.value) for point in recent],
        (),
        None if target is None else float(target),
    )
    first, last = recent[0], recent[-1]
    about = (
        f"From {say(first.value)} in {months.long(first.period)} to {say(last.value)} in {months.long(last.period)}."
    )
    return line(data, name="figure", title=f"{series.name} by month", about=about, say=say)


def _lines(series: Series, period: date | None, money: str) -> Iterator[Part]:
    """Each product line in that month, else in the newest."""
    wanted = period if period and any(_of(points, period) for points in series.lines.values()) else None
    for name, points in series.lines.items():
        point = _of(points, wanted) if wanted else points[-1]
        if point:
            value = formatting.bare(point.value, series.unit, money, series.places)
            yield Part(name, value, f"{months.long(point.period)}")


def _of(points: Sequence[Point], period: date | None) -> Point | None:
    return next((point for point in points if point.period == period), None)
