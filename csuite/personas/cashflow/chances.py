"""Days ahead as equally likely cases: a distribution that can be added, counted and simulated.

A draw is one case: the days from today until something happens, or None when it never does. Draws of one matter are in
rising order; `mixed` brings them into an order of their own, the same for every run, before they are added to others.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from math import exp
from random import Random
from statistics import NormalDist

Draw = int | None
Pair = tuple[Draw, Draw]
TAIL_SHARE = 0.005  # of invoices come later than all seen before…
TAIL_DAYS = 45.0  # …by so many days on average
WITHIN = 7  # days that still count as the day foretold
TAIL = 0.1  # of all cases lie below a range of four in five, and as many above


def around(middle: int, spread: float, count: int) -> list[Draw]:
    """Draws that scatter around `middle` days by a share of it, never before tomorrow; half lie on each side."""
    return list(_around(middle, spread, count))


@lru_cache(maxsize=1024)  # many deals lie as many days ahead
def _around(middle: int, spread: float, count: int) -> tuple[int, ...]:
    steps = (NormalDist().inv_cdf((n + 0.5) / count) for n in range(count))
    return tuple(max(1, round(middle * exp(spread * step))) for step in steps)


def from_chances(ends: Sequence[tuple[float, float]], count: int) -> list[Draw]:
    """Draws from the chances to end on each of the days ahead; the part that does not end as wished is None."""
    found: list[Draw] = []
    total = 0.0
    for day, (_, reached) in enumerate(ends, 1):
        total += reached
        found += [day] * (min(count, round(total * count)) - len(found))
    return found + [None] * (count - len(found))


def still_unpaid(paid_by: Sequence[float], terms: int, age: int, count: int) -> list[Draw]:
    """Draws of the days until payment of an invoice that is `age` days old and not paid yet (-1: issued tomorrow)."""
    return list(_still_unpaid(tuple(paid_by), terms, age, count))


@lru_cache(maxsize=1024)  # a customer's deals to come are all paid alike
def _still_unpaid(paid_by: tuple[float, ...], terms: int, age: int, count: int) -> tuple[int, ...]:
    def open_at(day: int) -> float:
        seen = 1.0 - paid_by[day] if 0 <= day < len(paid_by) else float(day < 0)
        return (1 - TAIL_SHARE) * seen + TAIL_SHARE * exp(-max(0, day - terms) / TAIL_DAYS)

    now, found, day = open_at(age), list[int](), age
    for n in range(count):
        while open_at(day) > now * (1 - (n + 0.5) / count):
            day += 1
        found.append(day - age)
    return tuple(found)


def moved_from(closed: frozenset[int], draws: Sequence[Draw], today: date) -> list[Draw]:
    """Draws moved off weekdays on which nobody pays, to the next on which somebody does."""
    if not closed or len(closed) == 7:
        return list(draws)
    shift = []
    for weekday in range(7):
        days = 0
        while (weekday + days) % 7 in closed:
            days += 1
        shift.append(days)
    now = today.weekday()
    return [None if draw is None else draw + shift[(now + draw) % 7] for draw in draws]


def mixed(draws: Sequence[Draw], seed: str) -> list[Draw]:
    """The draws in an order that depends on the seed alone."""
    return [draws[n] for n in order(len(draws), seed)]


def order(count: int, seed: str) -> list[int]:
    """0 to `count` - 1 in an order that depends on the seed alone; three times as quick as shuffling."""
    numbers = memoryview(Random(seed).randbytes(8 * count)).cast("Q")  # noqa: S311 -- a simulation, nothing secret
    return sorted(range(count), key=numbers.__getitem__)


def coming(draws: Sequence[Draw]) -> list[int]:
    """The draws in which it happens at all, in rising order."""
    return sorted(draw for draw in draws if draw is not None)


def at(ordered: Sequence[int], share: float) -> int:
    """The draw below which a share of the others lies; `ordered` holds one at least."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def range_of(ordered: Sequence[int], tail: float) -> tuple[int, int]:
    """The first and last day of the range that leaves out a share `tail` of the draws on each side, or a day fewer
    where that comes closer: many cases may share a day, and a range that always keeps them holds too often."""
    low, high = at(ordered, tail), at(ordered, 1 - tail)
    wanted = (1 - 2 * tail) * len(ordered)
    inside = bisect_right(ordered, high) - bisect_left(ordered, low)
    for first, last in ((low + 1, high), (low, high - 1)):
        fewer = bisect_right(ordered, last) - bisect_left(ordered, first)
        if first <= last and abs(fewer - wanted) < abs(inside - wanted):
            low, high, inside = first, last, fewer
    return low, high


def day_after(today: date, days: int) -> date:
    return today + timedelta(days=days)


def closeness(ordered: Sequence[int], middle: int) -> float:
    """The share of draws within a week of the middle."""
    return sum(abs(draw - middle) <= WITHIN for draw in ordered) / len(ordered)


def mixed_pairs(pairs: Sequence[Pair], seed: str) -> list[Pair]:
    """Pairs of draws in an order that depends on the seed alone."""
    return [pairs[n] for n in order(len(pairs), seed)]


def at_value(values: Sequence[float], share: float) -> float:
    """The value below which a share of all values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
