"""Luck that the deals and invoices of one simulated course share, as far as `together` found some."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from statistics import NormalDist

from csuite.personas.cashflow.chances import order
from csuite.personas.cashflow.learning import Learned


@dataclass(frozen=True, slots=True)
class Swings:
    """Shared luck of the courses of a simulation: days by which a week's payments move, and a factor on what the deals
    of a stage bring. Without a history there is none."""

    weeks: Sequence[Sequence[int]]  # by week ahead, then by course
    stages: Mapping[str, Sequence[float]]

    def day(self, day: int, course: int) -> int:
        """The day ahead on which a payment of that day comes in this course, tomorrow at the earliest."""
        return max(1, day + self.weeks[min(day // 7, len(self.weeks) - 1)][course])


def swings(learned: Learned | None, count: int, last_day: int, seed: str) -> Swings:
    """Of `count` courses up to `last_day` days ahead; they depend on the seed alone."""
    if learned is None:
        return Swings((), {})
    shift = learned.payments.shift
    weeks = [_bell(shift, count, f"{seed}:week:{week}") for week in range(last_day // 7 + 1)] if shift else []
    paces = {stage: stay.pace for stage, stay in learned.stays.items() if stay.pace}
    return Swings(
        [[round(days) for days in week] for week in weeks],
        {
            stage: [exp(step - pace * pace / 2) for step in _bell(pace, count, f"{seed}:stage:{stage}")]
            for stage, pace in paces.items()
        },
    )


def _bell(spread: float, count: int, seed: str) -> list[float]:
    """A bell curve's equally likely values, in an order of the seed's."""
    values = [NormalDist().inv_cdf((n + 0.5) / count) * spread for n in range(count)]
    return [values[n] for n in order(count, seed)]
