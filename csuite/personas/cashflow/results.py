"""What a forecast says: dates with their ranges and reasons, amounts by period, and what was left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

Decider = Literal["rule", "history", "model", "person"]
Granularity = Literal["week", "month"]
GRANULARITIES = ("week", "month")


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an explanation: what is meant, and its figure as a person reads it."""

    label: str
    value: str

    def __str__(self) -> str:
        return f"{self.label}: {self.value}"


@dataclass(frozen=True, slots=True)
class Timing:
    """A day, with the days between which four in five such cases lie. `confidence` is 0 to 1: for history the share of
    cases within a week of the day, for rules a figure by how far the rule reaches, for a model what it said."""

    on: date
    low: date
    high: date
    decided_by: Decider
    confidence: float
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Prediction:
    """One deal's or open invoice's dates. `chance` is how likely its money comes at all within a year; `payment` is
    never before `invoice`. `decided_by` is what decided the payment's date; `confidence` the lower of both."""

    kind: Literal["deal", "invoice"]
    id: str
    title: str
    customer: str
    stage: str
    value: Decimal
    chance: float
    invoice: Timing
    payment: Timing
    warnings: tuple[str, ...] = ()
    by_hand: tuple[Step, ...] = ()  # value and chance that a person set

    @property
    def confidence(self) -> float:
        return min(self.invoice.confidence, self.payment.confidence)

    @property
    def decided_by(self) -> Decider:
        return self.payment.decided_by

    @property
    def steps(self) -> tuple[Step, ...]:
        return (*self.by_hand, *self.invoice.steps, *self.payment.steps)

    @property
    def reasoning(self) -> str:
        """All steps in one line."""
        return "; ".join(str(step) for step in self.steps)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A deal or invoice that is in no bucket, and why."""

    kind: Literal["deal", "invoice"]
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """A week (from Monday) or month, cut to the horizon; both days included. `deals` counts those whose payment date
    lies in it. Amounts are expected values; four in five weeks or months end between `low` and `high`."""

    start: date
    end: date
    deals: int
    invoiced: Decimal
    paid: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Metadata:
    """`expected` is what all predictions are worth with their chances: the buckets' `paid` and `beyond` together."""

    analyzed: int
    average_confidence: float | None
    expected: Decimal
    beyond: Decimal
    warnings: tuple[str, ...]
    partial: bool


@dataclass(frozen=True, slots=True)
class Forecast:
    """What `predict_cashflow` answers. All amounts are in `currency`. `shares`: what each prediction, by kind and id,
    brings to the payments of each bucket, in their order and not rounded."""

    pipeline: str
    today: date
    horizon_days: int
    granularity: Granularity
    currency: str
    buckets: tuple[Bucket, ...]
    predictions: tuple[Prediction, ...]
    left_out: tuple[LeftOut, ...]
    metadata: Metadata
    shares: Mapping[tuple[str, str], tuple[Decimal, ...]] = field(default_factory=dict, repr=False)


def shown(day: date) -> str:
    """A day as a person reads it: 3 Nov 2026."""
    return f"{day.day} {day:%b %Y}"


def days(count: float) -> str:
    """1 day, 12 days; whole days."""
    whole = round(count)
    return f"{whole} day" if abs(whole) == 1 else f"{whole} days"
