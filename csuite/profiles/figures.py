"""The key figures at the top of the home page, as records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from csuite.profiles import arithmetic, facts, formatting, months
from csuite.profiles.records import GoalRecord, Series

SHOWN = 4
SHOWN_MONTHS = 18


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """`note` stands beside the label, `delta_note` beside the delta. `is_good` None: neither good nor bad."""

    key: str
    label: str
    note: str
    value: Decimal
    text: str
    delta: str
    delta_note: str
    direction: str  # up, down or level
    is_good: bool | None
    period: date
    periods: tuple[date, ...]
    series: tuple[Decimal, ...]
    target: Decimal | None
    description: str

    @property
    def is_bad(self) -> bool:
        return self.is_good is False


def key_figures(today: date) -> list[KeyFigure]:
    """The tenant's key figures, at most four: the first ones where nobody has chosen any.

    Needs a tenant scope; empty while there are no metrics.
    """
    currency = facts.company(facts.current_profile()).currency
    goals = facts.goals(facts.current_profile())
    measured = [series for series in facts.all_series(today) if series.points]
    chosen = [series for series in measured if series.is_key] or measured
    return [key_figure(series, goals, currency) for series in chosen[:SHOWN]]


def key_figure(series: Series, goals: Sequence[GoalRecord] = (), currency: str = "USD") -> KeyFigure:
    """Raises ValueError for a series without points."""
    if series.last is None:
        raise ValueError(f"{series.key} has no figures")
    change, since = compared(series)
    newest = series.last.period
    target = monthly_target(series, goals)
    recent = series.points[-SHOWN_MONTHS:]
    low, high = (formatting.bare(p.value, series.unit, currency, series.places) for p in (recent[0], recent[-1]))
    return KeyFigure(
        key=series.key,
        label=series.name,
        note=_note(series, newest, target, currency),
        value=series.last.value,
        text=formatting.bare(series.last.value, series.unit, currency, series.places),
        delta=delta_text(series, change, currency) if change else "",
        delta_note=since,
        direction=direction(change),
        is_good=is_good(series, change),
        period=newest,
        periods=tuple(point.period for point in recent),
        series=tuple(point.value for point in recent),
        target=target,
        description=f"{series.name}, {len(recent)} months, from {low} to {high}",
    )


def _note(series: Series, newest: date, target: Decimal | None, currency: str) -> str:
    if target is None:
        return months.short(newest, newest)
    places = 0 if target == target.to_integral_value() else series.places
    return f"Target {formatting.bare(target, series.unit, currency, places)}"


def monthly_target(series: Series, goals: Sequence[GoalRecord]) -> Decimal | None:
    """The target a single month can be held against: none for a sum over months."""
    if series.aggregation == "sum":
        return None
    return next((goal.target for goal in goals if goal.metric == series.key), None)


def compared(series: Series) -> tuple[arithmetic.Change | None, str]:
    """The comparison that says most, with its name.

    What adds up over months has seasons: it is compared with the same month a year before. What has moved the
    same way for two months or more is compared with where that began. Anything else with the month before.
    """
    values, newest = series.values, series.points[-1].period
    year_ago = series.at(months.shift(newest, -12))
    if series.aggregation == "sum" and year_ago is not None:
        return arithmetic.Change(year_ago.value, values[-1]), f"on {months.short(year_ago.period, newest)}"
    run = abs(arithmetic.streak(values))
    if run >= 2:
        start = series.points[-1 - run]
        return arithmetic.Change(start.value, values[-1]), f"since {months.long(start.period, newest)}"
    if len(values) < 2:
        return None, ""
    before = series.points[-2]
    return arithmetic.Change(before.value, values[-1]), f"on {months.short(before.period, newest)}"


def delta_text(series: Series, change: arithmetic.Change, currency: str) -> str:
    """Sums in per cent, all else in the metric's own unit."""
    if series.aggregation == "sum" and change.relative is not None and series.unit != "percent":
        return formatting.percent(abs(change.relative))
    return formatting.difference(change.absolute, series.unit, currency, series.places)


def direction(change: arithmetic.Change | None) -> str:
    if change is None or not change.absolute:
        return "level"
    return "up" if change.absolute > 0 else "down"


def is_good(series: Series, change: arithmetic.Change | None) -> bool | None:
    if change is None or not change.absolute or series.good == "neither":
        return None
    return (change.absolute > 0) == (series.good == "up")


def lede(figures: Sequence[KeyFigure]) -> str:
    """One sentence on the month: its best and its worst key figure. Empty without figures."""
    good = next((f for f in figures if f.is_good), None)
    bad = next((f for f in figures if f.is_bad), None)
    first = good or bad
    if first is None:
        return ""
    month = months.long(first.period, first.period)
    if good is None:
        return f"In {month}, {_clause(first)}."
    record = arithmetic.is_record(good.series)
    opening = f"{month} brought {'record ' if record else ''}{_lower(good.label)} of {good.text}"
    return f"{opening}, but {_clause(bad)}." if bad else f"{opening}."


def _clause(figure: KeyFigure) -> str:
    verb = {"up": "rose to", "down": "slipped to", "level": "stayed at"}[figure.direction]
    return f"{_lower(figure.label)} {verb} {figure.text}"


def _lower(label: str) -> str:
    """`Gross margin` within a sentence; `DSO` stays."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]
