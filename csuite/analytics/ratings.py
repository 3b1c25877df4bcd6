"""What readers say of answers, for the pages that show it. Who keeps the ratings registers how to count them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Ratings:
    """Answers that somebody rated, and those of them that were rated good."""

    rated: int
    good: int

    @property
    def csat(self) -> float | None:
        return self.good / self.rated if self.rated else None


@dataclass(frozen=True, slots=True)
class Part:
    """The ratings of the answers of one persona, prompt version or model."""

    name: str
    ratings: Ratings


# (tenant, since, until), half-open and in the tenant's scope.
Count = Callable[[UUID, datetime, datetime], Ratings]
_counts: list[Count] = []
# The same and by what: "persona", "prompt_version" or "model".
Parts = Callable[[UUID, datetime, datetime, str], list[Part]]
_parts: list[Parts] = []


def register(count: Count) -> None:
    """For AppConfig.ready of the app that keeps ratings."""
    _counts.append(count)


def ratings(tenant: UUID, since: datetime, until: datetime) -> Ratings:
    """Of all who registered; none rated where nobody did."""
    found = [count(tenant, since, until) for count in _counts]
    return Ratings(sum(one.rated for one in found), sum(one.good for one in found))


def register_parts(parts: Parts) -> None:
    """For AppConfig.ready, as `register`."""
    _parts.append(parts)


def ratings_by(tenant: UUID, since: datetime, until: datetime, by: str) -> list[Part]:
    """Of all who registered, one record for each persona, prompt version or model."""
    return [part for parts in _parts for part in parts(tenant, since, until, by)]
