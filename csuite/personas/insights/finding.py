"""What detectors are given and what they find."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal["trend_break", "record", "goal_at_risk", "stale", "concentration", "slipping"]
Good = Literal["up", "down", "neither"]


def plain(value: float) -> str:
    """A figure without a unit, as short as it can be told from its neighbours."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.4g}"


@dataclass(frozen=True, slots=True)
class Series:
    """One metric: `points` are (first day of the period, value), one for each period, in rising order. `show` writes a
    value with its unit; `season` is the number of periods in a year (12, 4) or 0; `days` those of one period."""

    key: str
    name: str
    points: tuple[tuple[date, float], ...]
    good: Good = "up"
    persona: str = "ceo"
    season: int = 12
    days: int = 31
    show: Callable[[float], str] = plain

    @property
    def values(self) -> list[float]:
        return [value for _, value in self.points]

    def counted(self, count: int) -> str:
        """`1 month`, `17 months`."""
        word = {12: "month", 4: "quarter"}.get(self.season, "year" if self.days > 300 else "period")
        return f"{count} {word}" if count == 1 else f"{count} {word}s"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth knowing. `figures` are (what, figure) in the order of the text; `strength` from 0 to 1 orders
    findings of one kind; `about` names a metric, deal or customer by (kind, id). `matter` and `since` (the period with
    which it began) say whether two findings of a kind are the same one, found again."""

    kind: Kind
    persona: str
    title: str
    text: str
    figures: tuple[tuple[str, str], ...]
    about: tuple[str, str]
    found_on: date
    strength: float
    matter: str = ""
    since: date | None = None


def month(day: date) -> str:
    return f"{day:%B %Y}"
