"""What a month will have cost at its end. Pure: days and amounts in, amounts out.

Method: each day to come costs what its weekday did, averaged over the last eight weeks with the recent ones counting
more (half as much every three weeks). The range is where four of five past forecasts of the same length ended: the
same method is run from each of the last 120 days with what was known then, and its errors give the range. Those
forecasts overlap, so the range is a little wider than their 10th and 90th of 100 (TAIL): in tests it then holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

WINDOW = 56  # days that a forecast looks at
HALF_LIFE = 21.0
LEAST = 14  # days of history before there is a forecast at all
ORIGINS = 120  # days from which past forecasts are tried
SAMPLES = 12  # errors before there is a range
TAIL = 0.06  # of past errors that lie below the range, and as many above: holds for 80 %
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the month will have cost at the end of a day. `low` and `high` are None without a range."""

    day: date
    total: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """`days` runs from today's end to the month's; `typical_error` is the median error of past forecasts of the same
    length, as a share; None if there were too few."""

    days: tuple[Ahead, ...]
    typical_error: float | None

    @property
    def end(self) -> Ahead:
        return self.days[-1]


def forecast(history: Mapping[date, float], today: date, end: date, spent: float) -> Forecast | None:
    """Cumulative cost from today to `end` (not included); `spent` is the month's cost so far, today's part included.

    `history` holds the cost of each day up to now; a day that is missing between two others cost nothing.
    None if there is too little of it, or if `end` has passed.
    """
    first = min(history, default=today)
    if (today - first).days < LEAST or today >= end:
        return None
    rates = weekday_rates(history, first, today)
    ahead = [today + n * DAY for n in range((end - today).days)]
    errors = past_errors(history, first, today, len(ahead))
    rest, days = -min(history.get(today, 0.0), rates[today.weekday()]), []
    for day, known in zip(ahead, errors, strict=True):
        rest += rates[day.weekday()]
        low, high = (None if error is None else spent + max(0.0, rest * (1 + error)) for error in _range(known))
        days.append(Ahead(day, spent + rest, low, high))
    last = sorted(abs(error) for error in errors[-1])
    return Forecast(tuple(days), last[len(last) // 2] if len(last) >= SAMPLES else None)


def weekday_rates(history: Mapping[date, float], first: date, until: date) -> list[float]:
    """The expected cost of each weekday, Monday first, from the days before `until`."""
    sums, weights = [0.0] * 7, [0.0] * 7
    for age in range(1, min(WINDOW, (until - first).days) + 1):
        day = until - age * DAY
        weight = 0.5 ** (age / HALF_LIFE)
        sums[day.weekday()] += weight * history.get(day, 0.0)
        weights[day.weekday()] += weight
    mean = sum(sums) / (sum(weights) or 1)
    return [total / weight if weight else mean for total, weight in zip(sums, weights, strict=True)]


def past_errors(history: Mapping[date, float], first: date, today: date, longest: int) -> list[list[float]]:
    """For forecasts of 1 to `longest` days: how far off each was, as a share of what it said."""
    errors: list[list[float]] = [[] for _ in range(longest)]
    for back in range(1, ORIGINS + 1):
        origin = today - back * DAY
        if (origin - first).days < LEAST:
            break
        rates = weekday_rates(history, first, origin)
        said = real = 0.0
        for step in range(min(longest, back)):
            day = origin + step * DAY
            said += rates[day.weekday()]
            real += history.get(day, 0.0)
            if said > 0:
                errors[step].append(real / said - 1)
    return errors


def _range(errors: list[float]) -> tuple[float | None, float | None]:
    if len(errors) < SAMPLES:
        return None, None
    found = sorted(errors)
    last = len(found) - 1
    return found[round(last * TAIL)], found[round(last * (1 - TAIL))]
