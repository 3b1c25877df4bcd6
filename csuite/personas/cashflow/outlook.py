"""What is known of one date before it is shown: draws of the days until it, and how they came about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from csuite.personas.cashflow.chances import TAIL, Draw, at, closeness, coming, day_after, range_of
from csuite.personas.cashflow.results import Decider, Step, Timing, days, shown


@dataclass(frozen=True, slots=True)
class Outlook:
    """`draws` in rising order, None last; `middle` days from today are shown as the date. The range leaves out the
    share `tail` of the draws on each side."""

    draws: Sequence[Draw]
    middle: int
    decided_by: Decider
    confidence: float
    steps: tuple[Step, ...]
    tail: float = TAIL

    def timing(self, today: date) -> Timing:
        ordered = coming(self.draws) or [self.middle]
        first, last = range_of(ordered, self.tail)
        low, high = min(first, self.middle), max(last, self.middle)
        return Timing(
            on=day_after(today, self.middle),
            low=day_after(today, low),
            high=day_after(today, high),
            decided_by=self.decided_by,
            confidence=round(self.confidence, 2),
            steps=self.steps,
        )


def certain(day: date, today: date, count: int, decided_by: Decider, confidence: float, *steps: Step) -> Outlook:
    """An outlook on one day alone."""
    away = (day - today).days
    return Outlook([away] * count, away, decided_by, confidence, steps)


def from_history(draws: Sequence[Draw], today: date, *steps: Step, tail: float = TAIL) -> Outlook:
    """An outlook on the median of draws, one of which comes at least."""
    ordered = coming(draws)
    middle = at(ordered, 0.5)
    low, high = (shown(day_after(today, days_)) for days_ in range_of(ordered, tail))
    seen = Step("Four in five such cases", f"{low} to {high}")
    return Outlook(draws, middle, "history", closeness(ordered, middle), (*steps, seen), tail)


def away(today: date, count: int) -> str:
    """The day and how far it is: 18 Dec 2026, in 28 days."""
    return f"{shown(day_after(today, count))}, in {days(count)}"
