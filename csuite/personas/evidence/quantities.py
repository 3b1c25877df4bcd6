"""What has a value by month: a metric, a line of it, a measure of a deal, or what follows from metrics."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from csuite.personas.evidence.records import Candidate, Kind, Span
from csuite.profiles import arithmetic, formatting, months

MOST_KEPT = 2000  # of a quantity; a text may name any months it likes


@dataclass(frozen=True, slots=True)
class Quantity:
    """`values` are months that have closed, `planned` those forecast. `steady`: one value whatever the month.

    `formula`: how the months come about, for a quantity that follows from others; `parts` are the ids of those.
    """

    id: str
    metric: str
    name: str
    unit: Kind
    values: Mapping[date, Decimal]
    entity: str = ""
    aggregation: str = "sum"
    planned: Mapping[date, Decimal] = field(default_factory=dict)
    weights: Mapping[date, Decimal] = field(default_factory=dict)
    steady: bool = False
    currency: str = "USD"
    places: int | None = None
    formula: str = ""
    parts: tuple[str, ...] = ()
    as_of: Mapping[date, date] = field(default_factory=dict)
    source: str = ""
    memo: dict[tuple[str, Span], Candidate | None] = field(default_factory=dict, compare=False, repr=False)

    @property
    def newest(self) -> date:
        return max(self.values)

    def show(self, value: Decimal) -> str:
        unit = self.unit if self.unit in ("currency", "percent", "days", "hours") else "count"
        if self.currency and unit == "currency" and abs(value) < 100 and value % 1:
            return f"{formatting.symbol(self.currency)}{formatting.number(value, 2)}"
        places = 2 if self.places is None and unit == "count" and value % 1 else self.places
        return formatting.worded(value, unit, self.currency, places)

    def at(self, period: date) -> Decimal | None:
        if self.steady:
            return next(iter(self.values.values()))
        found = self.values.get(period)
        return found if found is not None else self.planned.get(period)

    def within(self, span: Span) -> list[date] | None:
        """The months of the span, if they are known: all of them, or those that have closed of one that still runs."""
        if self.steady:
            return [self.newest]
        wanted = months.span(span.first, span.last)
        known = [period for period in wanted if self.at(period) is not None]
        if len(known) == len(wanted):
            return known
        closed = [period for period in wanted if period <= self.newest]
        runs = span.length in (3, 12) and closed and span.last > self.newest and len(known) == len(closed)
        return closed if runs else None

    def over(self, span: Span) -> Candidate | None:
        return self._kept("over", span)

    def mean(self, span: Span) -> Candidate | None:
        """The plain average of the span's months."""
        return self._kept("mean", span)

    def stated(self, period: date) -> Candidate | None:
        return self._kept("stated", Span(period, period))

    def _kept(self, how: str, span: Span) -> Candidate | None:
        """Worked out once: the same months are asked for again with every figure."""
        key = how, span
        if key not in self.memo:
            made = {"over": self._over, "mean": self._mean, "stated": self._stated}[how](span)
            if len(self.memo) > MOST_KEPT:
                return made
            self.memo[key] = made
        return self.memo[key]

    def _over(self, span: Span) -> Candidate | None:
        """The whole of the span, as the metric adds up; None where a month is missing."""
        periods = self.within(span)
        if not periods:
            return None
        if len(periods) == 1 or self.aggregation == "last":
            return self.stated(periods[-1])
        values = [self._known(period) for period in periods]
        weights = [self.weights.get(period) for period in periods]
        if self.aggregation == "sum":
            return self._worked(arithmetic.total(values), periods, f"sum of {len(periods)} months")
        if self.aggregation == "weighted" and all(weights) and arithmetic.total([w for w in weights if w]):
            mean = arithmetic.weighted_mean(values, [w for w in weights if w])
            return self._worked(mean, periods, f"average of {len(periods)} months, weighted")
        return self.mean(span)

    def _mean(self, span: Span) -> Candidate | None:
        periods = self.within(span)
        if not periods or len(periods) < 2:
            return None
        value = arithmetic.mean([self._known(period) for period in periods])
        return self._worked(value, periods, f"average of {len(periods)} months")

    def _known(self, period: date) -> Decimal:
        value = self.at(period)
        assert value is not None
        return value

    def _stated(self, span: Span) -> Candidate | None:
        period = span.first
        value = self.at(period)
        if value is None:
            return None
        period = self.newest if self.steady else period
        calculation = f"{self.formula}, {months.long(period)} = {self.show(value)}" if self.formula else ""
        planned = not self.steady and period not in self.values
        return Candidate(
            value=value,
            unit=self.unit,
            metric=self.metric,
            period=None if self.steady and not self.as_of else Span(period, period),
            calculation=calculation,
            facts=self.ids(period, planned),
            as_of=self.as_of.get(period) or (None if planned else months.last_day(period)),
            source=self.source,
        )

    def ids(self, period: date, planned: bool = False) -> tuple[str, ...]:
        if self.steady:
            return (self.id,)
        ending = f":{period:%Y-%m}" + (":forecast" if planned else "")
        return tuple(f"{part}{ending}" for part in (self.parts or (self.id,)))

    def _worked(self, value: Decimal, periods: list[date], how: str) -> Candidate:
        span = Span(periods[0], periods[-1])
        if len(periods) <= 4:
            how += f" ({', '.join(self.show(self._known(period)) for period in periods)})"
        return Candidate(
            value=value,
            unit=self.unit,
            metric=self.metric,
            period=span,
            calculation=f"{self.formula + '; ' if self.formula else ''}{how}, {span.named()} = {self.show(value)}",
            facts=tuple(one for period in periods for one in self.ids(period, period not in self.values)),
            as_of=months.last_day(periods[-1]),
            source=self.source,
        )
