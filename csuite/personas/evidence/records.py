"""What the check of figures works with and what it returns. Values only; offsets are code points of the answer."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from csuite.profiles import months

Kind = Literal["currency", "percent", "points", "multiple", "days", "hours", "months", "count", "bare"]
Class = Literal["found", "calculated", "not_found", "not_a_claim"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Whole months, both included."""

    first: date
    last: date

    @property
    def length(self) -> int:
        return months.between(self.first, self.last) + 1

    def shifted(self, by: int) -> "Span":
        return Span(months.shift(self.first, by), months.shift(self.last, by))

    def named(self) -> str:
        if self.first == self.last:
            return months.long(self.first)
        return f"{months.long(self.first)} to {months.long(self.last)}"


def month(period: date) -> Span:
    return Span(period, period)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a number. `step`: the value of its last written digit, so that 4.2m has a step of 100,000."""

    value: Decimal
    step: Decimal


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in the text with its unit. `readings`: 1.234 may be either. `sign`: +1, -1, or 0 where none is written.

    `about`: how the number is softened (`about`, `over`, `under`), else empty. `spelled`: written in letters.
    """

    start: int
    end: int
    text: str
    readings: tuple[Reading, ...]
    kind: Kind
    sign: int = 0
    currency: str = ""
    about: str = ""
    spelled: bool = False
    kinds: tuple[Kind, ...] = ()  # what a bare number may inherit
    scales: tuple[Decimal, ...] = ()  # from a table's heading


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that an answer may name. `change`: it has a direction. `facts`: ids of what it comes from."""

    value: Decimal
    unit: Kind
    metric: str
    period: Span | None = None
    calculation: str = ""
    facts: tuple[str, ...] = ()
    change: bool = False
    as_of: date | None = None
    source: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the check says of one figure. `evidence()` is the shape of the contract."""

    start: int
    end: int
    text: str
    cls: Class
    kind: Kind = "bare"
    written: Decimal | None = None
    match: Candidate | None = None

    def evidence(self) -> dict[str, Any]:
        match = self.match
        return {
            "id": f"f{self.start}",
            "start": self.start,
            "end": self.end,
            "class": self.cls,
            "text": self.text,
            "value": _plain(match.value if match else self.written),
            "unit": match.unit if match else self.kind,
            "metric": match.metric if match else None,
            "period": match.period.last.isoformat() if match and match.period else None,
            "as_of": match.as_of.isoformat() if match and match.as_of else None,
            "source": [*match.facts] if match else [],
            "calculation": match.calculation if match and match.calculation else None,
        }


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.quantize(Decimal('0.000001')).normalize():f}"
