"""Writes figures and months into sentences. Every number the analyst writes goes through here."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from csuite.profiles import arithmetic, formatting, months
from csuite.profiles.records import Facts, Point, Series

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")


def plain(text: str) -> str:
    """Text of the company inside Markdown: one line, and nothing in it is markup."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


class Pen:
    """Formats by metric, currency and the newest closed month, which decides where a month needs its year."""

    def __init__(self, facts: Facts, newest: date) -> None:
        self.facts = facts
        self.newest = newest
        self.currency = facts.company.currency

    def name(self, series: Series) -> str:
        return plain(series.name)

    def inner(self, series: Series) -> str:
        """The name within a sentence: `gross margin`, `OEM win rate`."""
        name = plain(series.name)
        return name if name[:2].isupper() else name[:1].lower() + name[1:]

    def value(self, series: Series, value: Decimal) -> str:
        return formatting.worded(value, series.unit, self.currency, series.places)

    def bare(self, series: Series, value: Decimal) -> str:
        return formatting.bare(value, series.unit, self.currency, series.places)

    def size(self, series: Series, value: Decimal) -> str:
        """The size of a change in the metric's own unit: `2.8 points`."""
        return formatting.difference(value, series.unit, self.currency, series.places)

    def month(self, period: date) -> str:
        return months.long(period, self.newest)

    def listed(self, periods: Sequence[date]) -> str:
        return joined([self.month(period) for period in periods])

    def moved(self, series: Series, before: Decimal, after: Decimal) -> str:
        """`2.8 points below`, `13.8% above`, `the same as`: a change as people compare."""
        change = arithmetic.Change(before, after)
        if not change.absolute:
            return "the same as"
        side = "above" if change.absolute > 0 else "below"
        return f"{self.much(series, change)} {side}"

    def much(self, series: Series, change: arithmetic.Change) -> str:
        """Months that add up change in per cent, all else in its own unit."""
        if series.aggregation == "sum" and change.relative is not None:
            return formatting.percent(abs(change.relative))
        return self.size(series, change.absolute)

    def against(self, series: Series, point: Point, earlier: Point) -> str:
        """`2.8 points below September`."""
        return f"{self.moved(series, earlier.value, point.value)} {self.month(earlier.period)}"

    def aggregated(self, series: Series, points: Sequence[Point]) -> Decimal | None:
        """The months as one figure, in the way the metric adds up; None where the weights are missing."""
        values = [point.value for point in points]
        if not values:
            return None
        if series.aggregation == "sum":
            return arithmetic.total(values)
        if series.aggregation == "last":
            return values[-1]
        if series.aggregation == "weighted":
            weight = self.facts.metric(series.weight)
            found = [weight.at(point.period) if weight else None for point in points]
            weights = [point.value for point in found if point is not None]
            if len(weights) < len(values) or not arithmetic.total(weights):
                return None
            return arithmetic.weighted_mean(values, weights)
        return arithmetic.mean(values)


def joined(words: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first and those named with a trailing ~ are right-aligned."""
    names = [name.removesuffix("~") for name in header]
    rule = [":---" if place == 0 or name.endswith("~") else "---:" for place, name in enumerate(header)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [names, rule, *rows])


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
