"""Settling: what an attempt cost is spent, and as much of the reservation is given up, with the ledger row."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection

from csuite.analytics.budgets import moving
from csuite.analytics.budgets.standing import ZERO, Standing, read_ready

if TYPE_CHECKING:
    from csuite.analytics.models import LedgerEntry

WARNED, USED_UP = 1, 2


@dataclass(frozen=True, slots=True)
class Settlement:
    """How an attempt settles. hold: its reservation; counters: budget -> the counter that was reserved in.

    most: what was reserved for it, taken as its cost where its price turned out unknown; give: how much of the
    reservation it may use up, None for all there is. backdated: the row comes late, so it counts in the period of its
    beginning, not in the one that runs. guessed: for an attempt whose process died; what it wrote itself holds.
    """

    hold: UUID | None = None
    counters: dict[UUID, UUID] = field(default_factory=dict)
    most: Decimal = ZERO
    give: Decimal | None = None
    backdated: bool = False
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Crossed:
    """A budget has reached its warning (WARNED) or its end (USED_UP) with this attempt."""

    standing: Standing
    level: int
    spent: Decimal


def settle(entry: "LedgerEntry", how: Settlement) -> list[Crossed]:
    """In the transaction that wrote the row, once for each row. Inside the tenant's scope."""
    cost = entry.cost if entry.cost is not None else how.most
    unpriced = int(entry.cost is None)
    if not cost and not unpriced:
        return []
    tenant: UUID = entry.tenant_id
    parts = moving.locked_parts(tenant, how.hold) if how.hold else None
    labels = {"persona": entry.persona, "user": str(entry.user or "")}
    standings = {
        how.counters.get(standing.budget, standing.counter): standing
        for standing in read_ready(tenant, [labels], entry.started_at if how.backdated else None)
    }
    moves, left = {}, dict(parts or {})
    for counter, standing in standings.items():
        ours = not entry.currency or entry.currency == standing.currency
        spent = cost if ours else ZERO
        given = min(left.get(counter, ZERO), spent if how.give is None else min(spent, how.give)) if counter else ZERO
        if counter is not None:
            left[counter] = left.get(counter, ZERO) - given
            moves[counter] = moving.Move(spent, -given, unpriced if ours else 1)
    after = moving.move(tenant, moves)
    if how.hold and parts is not None:
        moving.open_hold(tenant, how.hold, None, {counter: amount for counter, amount in left.items() if amount})
    return _crossed(tenant, standings, after)


def _crossed(
    tenant: UUID, standings: "dict[UUID | None, Standing]", after: dict[UUID, tuple[Decimal, int]]
) -> list[Crossed]:
    """Each level is told of once in a period."""
    found = []
    for counter, (spent, told) in after.items():
        standing = standings[counter]
        level = level_of(standing, spent)
        if level > told:
            found.append(Crossed(standing, level, spent))
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE budget_counter SET told = %s WHERE tenant_id = %s AND id = %s", [level, tenant, counter]
                )
    return found


def level_of(standing: Standing, spent: Decimal) -> int:
    """0, WARNED or USED_UP."""
    if standing.amount is None:
        return 0
    used = standing.used(spent)
    return USED_UP if used >= 1 else WARNED if standing.warn_at is not None and used >= standing.warn_at else 0
