"""What is known about a company, as values: no database, no model. They travel as JSON to whoever answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Point:
    period: date
    value: Decimal
    as_of: date | None = None
    closed_on: date | None = None
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """A metric with its months, oldest first. `weight` is the key of the metric it is weighted by."""

    key: str
    name: str
    unit: str
    good: str = "up"
    aggregation: str = "sum"
    weight: str | None = None
    places: int | None = None
    is_key: bool = False
    owner: str = ""
    cadence: str = "monthly"
    synonyms: tuple[str, ...] = ()
    points: tuple[Point, ...] = ()
    forecast: tuple[Point, ...] = ()
    lines: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)

    @property
    def values(self) -> list[Decimal]:
        return [point.value for point in self.points]

    @property
    def last(self) -> Point | None:
        return self.points[-1] if self.points else None

    def at(self, period: date) -> Point | None:
        return next((point for point in self.points if point.period == period), None)

    def within(self, first: date, last: date) -> list[Point]:
        return [point for point in self.points if first <= point.period <= last]


@dataclass(frozen=True, slots=True)
class Cause:
    metric: str
    period: date
    cause: str
    points: Decimal | None = None
    amount: Decimal | None = None
    amount_name: str = ""
    lasting: str = "open"
    lasts: str = ""
    remedy: str = ""
    remedy_share: Decimal | None = None


@dataclass(frozen=True, slots=True)
class GoalRecord:
    key: str
    title: str
    metric: str | None
    target: Decimal
    unit: str
    direction: str
    start: date
    deadline: date


@dataclass(frozen=True, slots=True)
class InsightRecord:
    kind: str
    persona: str
    title: str
    text: str
    found_on: date
    about: str = ""  # key of a metric


@dataclass(frozen=True, slots=True)
class Company:
    name: str
    industry: str = ""
    people: int | None = None
    stage: str = ""
    revenue: Decimal | None = None
    currency: str = "USD"
    fiscal_year_start: int = 1
    description: str = ""
    version: int | None = None
    entries: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A metric that this persona does not see, and the name of one that does."""

    key: str
    name: str
    who: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What one persona may know today. `sees`: keys, without those that are only weights."""

    today: date
    company: Company
    metrics: tuple[Series, ...] = ()
    goals: tuple[GoalRecord, ...] = ()
    causes: tuple[Cause, ...] = ()
    insights: tuple[InsightRecord, ...] = ()
    sees: tuple[str, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()

    def metric(self, key: str | None) -> Series | None:
        return next((series for series in self.metrics if series.key == key), None)

    @property
    def newest(self) -> date | None:
        """The newest month that any metric has."""
        return max((s.points[-1].period for s in self.metrics if s.points), default=None)

    def causes_of(self, metric: str, period: date) -> tuple[Cause, ...]:
        return tuple(c for c in self.causes if c.metric == metric and c.period == period)


def to_json(record: Any) -> Any:
    """Plain dicts, lists and strings: Decimal and date as text, so that nothing becomes a float."""
    if isinstance(record, str | int | None):  # most of what there is
        return record
    if isinstance(record, Decimal):
        return format(record.normalize(), "f")
    if isinstance(record, date):
        return record.isoformat()
    if isinstance(record, list | tuple):
        return [to_json(value) for value in record]
    if isinstance(record, Mapping):
        return {str(key): to_json(value) for key, value in record.items()}
    return {name: to_json(getattr(record, name)) for name in record.__slots__}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _points(rows: Sequence[Mapping[str, Any]]) -> tuple[Point, ...]:
    return tuple(
        Point(
            **{
                **row,
                "period": date.fromisoformat(row["period"]),
                "value": Decimal(row["value"]),
                "as_of": _day(row.get("as_of")),
                "closed_on": _day(row.get("closed_on")),
            }
        )
        for row in rows
    )


def _series(row: Mapping[str, Any]) -> Series:
    return Series(
        **{
            **row,
            "synonyms": tuple(row.get("synonyms", ())),
            "points": _points(row.get("points", ())),
            "forecast": _points(row.get("forecast", ())),
            "lines": {line: _points(points) for line, points in row.get("lines", {}).items()},
        }
    )


def _cause(row: Mapping[str, Any]) -> Cause:
    numbers = {name: _decimal(row.get(name)) for name in ("points", "amount", "remedy_share")}
    return Cause(**{**row, **numbers, "period": date.fromisoformat(row["period"])})


def _goal(row: Mapping[str, Any]) -> GoalRecord:
    days = {name: date.fromisoformat(row[name]) for name in ("start", "deadline")}
    return GoalRecord(**{**row, **days, "target": Decimal(row["target"])})


def facts_from_json(data: Mapping[str, Any]) -> Facts:
    """The records back from to_json(facts). Raises KeyError, TypeError or ValueError on anything else."""
    company = {**data["company"], "revenue": _decimal(data["company"].get("revenue"))}
    return Facts(
        today=date.fromisoformat(data["today"]),
        company=Company(**company),
        metrics=tuple(_series(row) for row in data.get("metrics", ())),
        goals=tuple(_goal(row) for row in data.get("goals", ())),
        causes=tuple(_cause(row) for row in data.get("causes", ())),
        insights=tuple(
            InsightRecord(**{**row, "found_on": date.fromisoformat(row["found_on"])})
            for row in data.get("insights", ())
        ),
        sees=tuple(data.get("sees", ())),
        elsewhere=tuple(
            Elsewhere(**{**row, "synonyms": tuple(row.get("synonyms", ()))}) for row in data.get("elsewhere", ())
        ),
    )
