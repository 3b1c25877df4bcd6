"""Moves money between what is held and what is spent. Each function is one part of a transaction.

Locks are taken in one order, holds before counters and counters by id, so that no two transactions wait for each
other. Amounts are computed by the database under the lock, never from what was read before.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from csuite.analytics.budgets.standing import ZERO

HOLD_SECONDS = 1200  # longer than an answer may take (llm.providers: total); each attempt begins it anew

LOCK = """
SELECT id, spent, held FROM budget_counter WHERE tenant_id = %s AND id = ANY(%s) ORDER BY id FOR UPDATE
"""
MOVE = """
WITH wanted AS (
  SELECT * FROM unnest(%(ids)s::uuid[], %(spent)s::numeric[], %(held)s::numeric[], %(unpriced)s::int[])
    AS w(id, spent, held, unpriced)
), locked AS (
  SELECT c.id FROM budget_counter c JOIN wanted USING (id) WHERE c.tenant_id = %(tenant)s ORDER BY c.id FOR UPDATE OF c
)
UPDATE budget_counter c
SET spent = c.spent + w.spent, held = c.held + w.held, unpriced = c.unpriced + w.unpriced
FROM wanted w JOIN locked USING (id) WHERE c.id = w.id AND c.tenant_id = %(tenant)s
RETURNING c.id, c.spent, c.told
"""
OPEN = """
INSERT INTO budget_hold (id, tenant_id, turn, parts, created_at, expires_at)
VALUES (%(id)s, %(tenant)s, %(turn)s, %(parts)s::jsonb, now(), clock_timestamp() + make_interval(secs => %(seconds)s))
ON CONFLICT (id) DO UPDATE SET parts = excluded.parts, expires_at = excluded.expires_at
"""
EXPIRED = """
DELETE FROM budget_hold WHERE tenant_id = %(tenant)s AND id IN (
  SELECT id FROM budget_hold WHERE tenant_id = %(tenant)s AND expires_at <= clock_timestamp()
  ORDER BY id FOR UPDATE SKIP LOCKED)
RETURNING parts::text
"""
Parts = dict[UUID, Decimal]


@dataclass(frozen=True, slots=True)
class Move:
    """What one counter gains; less than nothing is given back."""

    spent: Decimal = ZERO
    held: Decimal = ZERO
    unpriced: int = 0


def lock(tenant: UUID, counters: list[UUID]) -> dict[UUID, tuple[Decimal, Decimal]]:
    """(spent, held) of each counter, which nobody else changes until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [tenant, counters])
        return {counter: (spent, held) for counter, spent, held in cursor.fetchall()}


def move(tenant: UUID, moves: Mapping[UUID, Move]) -> dict[UUID, tuple[Decimal, int]]:
    """(spent, told) of each counter afterwards. A counter whose budget was removed is passed over."""
    if not moves:
        return {}
    wanted: dict[str, Any] = {
        "tenant": tenant,
        "ids": list(moves),
        "spent": [change.spent for change in moves.values()],
        "held": [change.held for change in moves.values()],
        "unpriced": [change.unpriced for change in moves.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(MOVE, wanted)
        return {counter: (spent, told) for counter, spent, told in cursor.fetchall()}


def open_hold(tenant: UUID, hold: UUID, turn: UUID | None, parts: Parts) -> None:
    """Writes the reservation; one that is there gets these parts, and its time begins anew."""
    written = {
        "id": hold,
        "tenant": tenant,
        "turn": turn,
        "parts": orjson.dumps({str(counter): str(amount) for counter, amount in parts.items()}).decode(),
        "seconds": HOLD_SECONDS,
    }
    with connection.cursor() as cursor:
        cursor.execute(OPEN, written)


def locked_parts(tenant: UUID, hold: UUID) -> Parts | None:
    """The parts of an open reservation; None if it was given back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT parts::text FROM budget_hold WHERE tenant_id = %s AND id = %s FOR UPDATE", [tenant, hold]
        )
        row = cursor.fetchone()
    return None if row is None else parts_of(row[0])


def close_hold(tenant: UUID, hold: UUID) -> None:
    """Gives back what is left of a reservation; nothing for one that is closed."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM budget_hold WHERE tenant_id = %s AND id = %s RETURNING parts::text", [tenant, hold])
        row = cursor.fetchone()
    if row is not None:
        give_back(tenant, parts_of(row[0]))


def give_back(tenant: UUID, parts: Parts) -> None:
    move(tenant, {counter: Move(held=-amount) for counter, amount in parts.items() if amount})


def release_expired(tenant: UUID) -> int:
    """Gives back the reservations that nobody closed in time; how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(EXPIRED, {"tenant": tenant})
        rows = cursor.fetchall()
    sums: dict[UUID, Decimal] = defaultdict(Decimal)
    for (text,) in rows:
        for counter, amount in parts_of(text).items():
            sums[counter] += amount
    give_back(tenant, sums)
    return len(rows)


def expired_tenants() -> list[UUID]:
    """Whose reservations have expired. In a platform scope."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tenant_id FROM budget_hold WHERE expires_at <= clock_timestamp()")
        return [tenant for (tenant,) in cursor.fetchall()]


def parts_of(text: str) -> Parts:
    return {UUID(counter): Decimal(amount) for counter, amount in orjson.loads(text).items()}
