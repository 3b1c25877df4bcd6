"""Where the budgets of a tenant stand: which apply to a call, what is spent, held and left. One read, no lock.

Everything with a cursor here runs inside the tenant's scope. Periods are the database's, in UTC.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

ZERO = Decimal(0)
ANALYST = "analyst"
NOW = "now()"  # the database's clock: processes with other clocks share one budget

READ = """
SELECT b.id, b.scope, b.persona, b."user", b.period, b.amount + coalesce(r.amount, 0), b.currency, b.hard, b.warn_at,
       b.step_down_at, b.step_down_to, at.start, c.id, coalesce(c.spent, 0), coalesce(c.held, 0),
       coalesce(c.unpriced, 0), coalesce(c.told, 0), EXISTS (
         SELECT FROM budget_hold h WHERE h.tenant_id = b.tenant_id AND h.expires_at <= clock_timestamp()),
       coalesce(r.amount, 0), r.until
FROM budget b
CROSS JOIN LATERAL (SELECT date_trunc(b.period, coalesce(%(at)s::timestamptz, {now}), 'UTC') AS start) at
LEFT JOIN budget_counter c ON c.tenant_id = b.tenant_id AND c.budget_id = b.id AND c.period_start = at.start
LEFT JOIN LATERAL (
  SELECT sum(amount) AS amount, min(until) AS until FROM budget_raise
  WHERE tenant_id = b.tenant_id AND budget_id = b.id AND until > {now}) r ON true
WHERE b.tenant_id = %(tenant)s AND (%(everything)s OR b.scope = 'tenant'
   OR b.scope = 'persona' AND b.persona = ANY(%(personas)s) OR b.scope = 'user' AND b."user" = ANY(%(users)s))
ORDER BY b.id
"""
# A counter starts at nothing: a budget that is made within a period gets what was spent before (changing.py).
MAKE = """
INSERT INTO budget_counter (id, tenant_id, budget_id, period_start, spent, held, unpriced, told)
SELECT gen_random_uuid(), %(tenant)s, made.budget, made.start, 0, 0, 0, 0
FROM unnest(%(budgets)s::uuid[], %(starts)s::timestamptz[]) AS made(budget, start) ORDER BY made.budget
ON CONFLICT (tenant_id, budget_id, period_start) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """One budget in one period. `counter` is None before anything was reserved or spent in it.

    amount: the limit that holds now, with `raised` in it until `raised_until`.
    """

    budget: UUID
    scope: str
    persona: str
    user: UUID | None
    period: str
    amount: Decimal | None
    currency: str
    hard: bool
    warn_at: Decimal | None
    step_down_at: Decimal | None
    step_down_to: str
    start: datetime
    counter: UUID | None
    spent: Decimal
    held: Decimal
    unpriced: int
    told: int
    has_expired_holds: bool = False  # of the tenant, whosever they are
    raised: Decimal = ZERO
    raised_until: datetime | None = None

    def applies(self, labels: Mapping[str, str]) -> bool:
        """Whether a call with these labels counts against it."""
        if self.scope == "persona":
            return labels.get("persona", "") == self.persona
        return self.scope == "tenant" or labels.get("user", "") == str(self.user)

    @property
    def binds(self) -> bool:
        """It can refuse a call."""
        return self.hard and self.amount is not None

    @property
    def left(self) -> Decimal | None:
        """What can still be reserved; None without a limit."""
        return None if self.amount is None else max(ZERO, self.amount - self.spent - self.held)

    @property
    def resets_at(self) -> datetime:
        """The first moment of the next period."""
        start = self.start.astimezone(UTC)
        if self.period == "day":
            return start + timedelta(days=1)
        return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)

    def used(self, amount: Decimal) -> Decimal:
        """`amount` as a share of the limit; a limit of 0 is used up."""
        if self.amount is None:
            return ZERO
        return amount / self.amount if self.amount else Decimal(1)

    @property
    def route(self) -> str | None:
        """The cheaper tier that answers now, if the share for it is reached."""
        at = self.step_down_at
        return self.step_down_to if at is not None and self.used(self.spent + self.held) >= at else None


def read(tenant: UUID, labels: Iterable[Mapping[str, str]] | None, at: datetime | None = None) -> list[Standing]:
    """The budgets that apply to any of these calls (None: all of the tenant), in the order of their ids.

    `at` names the period; without it, the one that the database's clock is in.
    """
    calls = [] if labels is None else list(labels)
    users = [user for call in calls if (user := as_uuid(call.get("user", ""))) is not None]
    wanted = {
        "tenant": tenant,
        "at": at,
        "everything": labels is None,
        "personas": [call["persona"] for call in calls if call.get("persona")],
        "users": users,
    }
    with connection.cursor() as cursor:
        cursor.execute(READ.format(now=NOW), wanted)
        return [Standing(*row) for row in cursor.fetchall()]


def make_counters(tenant: UUID, standings: Iterable[Standing]) -> bool:
    """Makes the counters that are missing; False if none was."""
    missing = [standing for standing in standings if standing.counter is None]
    if missing:
        wanted: dict[str, Any] = {
            "tenant": tenant,
            "budgets": [standing.budget for standing in missing],
            "starts": [standing.start for standing in missing],
        }
        with connection.cursor() as cursor:
            cursor.execute(MAKE, wanted)
    return bool(missing)


def read_ready(tenant: UUID, labels: Iterable[Mapping[str, str]], at: datetime | None = None) -> list[Standing]:
    """The same, each with its counter."""
    calls = list(labels)
    found = read(tenant, calls, at)
    return read(tenant, calls, at) if make_counters(tenant, found) else found


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def step_down(standings: Iterable[Standing]) -> str | None:
    """Where calls go now: the analyst before any tier, None for the usual chain."""
    routes = [route for standing in standings if (route := standing.route)]
    return ANALYST if ANALYST in routes else next(iter(routes), None)


def least_left(standings: Iterable[Standing], currency: str) -> Decimal | None:
    """The least that is left over the budgets in this currency; None if none limits."""
    return min((s.left for s in standings if s.left is not None and s.currency == currency), default=None)
