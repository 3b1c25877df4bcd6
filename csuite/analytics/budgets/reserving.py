"""Reserving: every budget that applies pays its part in one transaction, or nothing is taken and it is said why."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from csuite.analytics.budgets import moving
from csuite.analytics.budgets.standing import ANALYST, ZERO, Standing, read_ready


@dataclass(frozen=True, slots=True)
class Ask:
    """What one call may cost at most: `amount` in `currency`. labels: whose budgets pay."""

    labels: Mapping[str, str]
    amount: Decimal
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Refused:
    """The budget that does not pay `need`, as it stood under the lock."""

    standing: Standing
    need: Decimal


@dataclass(frozen=True, slots=True)
class Taken:
    """The reservation stands. `counters`: of each budget that applies, the counter it is settled with."""

    counters: dict[UUID, UUID]


def needs(standing: Standing, asks: Iterable[Ask]) -> Decimal:
    """What these calls take of one budget. Money of another currency is not its money; a cost of 0 is everywhere 0."""
    return sum((a.amount for a in asks if a.currency == standing.currency and standing.applies(a.labels)), ZERO)


def refuses(standing: Standing, spent: Decimal, held: Decimal, need: Decimal) -> bool:
    """At the limit is used up; beyond it is never reached."""
    if not standing.binds or standing.amount is None:
        return False
    return spent >= standing.amount or (need > 0 and spent + held + need > standing.amount)


def reserve(
    tenant: UUID, hold: UUID, turn: UUID | None, asks: Sequence[Ask], route: str | None = None, *, begun: bool = False
) -> Taken | Refused:
    """Takes the whole of `asks` for `hold`; one that is `begun` gets it added. Inside the tenant's scope.

    Answers by rule cost nothing: `route` "analyst" is refused by no budget.
    """
    held_already = (begun and moving.locked_parts(tenant, hold)) or {}  # a hold is locked before counters
    standings = [s for s in read_ready(tenant, [ask.labels for ask in asks]) if any(s.applies(a.labels) for a in asks)]
    counters = {standing.budget: standing.counter for standing in standings if standing.counter is not None}
    under_lock = moving.lock(tenant, sorted(counters.values()))
    parts: dict[UUID, Decimal] = defaultdict(Decimal)
    for standing in standings:
        counter = counters.get(standing.budget)
        if counter not in under_lock:  # the budget was removed just now
            continue
        need = needs(standing, asks)
        if route != ANALYST and refuses(standing, *under_lock[counter], need):
            return Refused(standing, need)
        if need:
            parts[counter] += need
    moving.move(tenant, {counter: moving.Move(held=amount) for counter, amount in parts.items()})
    for counter, amount in held_already.items():
        parts[counter] += amount
    if parts:
        moving.open_hold(tenant, hold, turn, dict(parts))
    return Taken(counters)
