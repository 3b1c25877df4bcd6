"""Making, changing and removing budgets. What was spent before a budget was made counts in it at once."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from csuite.analytics.budgets.rows import Budget
from csuite.analytics.budgets.settling import level_of
from csuite.analytics.budgets.standing import read
from csuite.analytics.ledger import GATE
from csuite.tenants.audit import record
from csuite.tenants.models import User

# What the attempts of the running period have cost, with what was corrected since: of each budget of a tenant.
SUMS = """
WITH fixed AS (
  SELECT DISTINCT ON (entry) entry, cost, currency FROM cost_correction
  WHERE tenant_id = %(tenant)s AND started_at >= date_trunc('month', now(), 'UTC') ORDER BY entry, id DESC
), paid AS (
  SELECT l.id, l.started_at, l.persona, l."user", coalesce(f.cost, l.cost) AS cost,
    coalesce(f.currency, l.currency) AS currency
  FROM ledger l LEFT JOIN fixed f ON f.entry = l.id
  WHERE l.tenant_id = %(tenant)s AND l.started_at >= date_trunc('month', now(), 'UTC')
), sums AS (
  SELECT b.id AS budget_id, at.start AS period_start,
    coalesce(sum(p.cost) FILTER (WHERE p.currency = b.currency), 0) AS spent,
    count(p.id) FILTER (WHERE p.cost IS NULL OR p.currency <> b.currency AND p.cost > 0) AS unpriced
  FROM budget b
  CROSS JOIN LATERAL (SELECT date_trunc(b.period, now(), 'UTC') AS start) at
  LEFT JOIN paid p ON p.started_at >= at.start AND (
    b.scope = 'tenant' OR b.scope = 'persona' AND p.persona = b.persona OR b.scope = 'user' AND p."user" = b."user")
  WHERE b.tenant_id = %(tenant)s AND (%(budget)s::uuid IS NULL OR b.id = %(budget)s)
  GROUP BY b.id, b.currency, at.start
)
"""
BEGIN = (
    SUMS
    + """
INSERT INTO budget_counter (id, tenant_id, budget_id, period_start, spent, held, unpriced, told)
SELECT gen_random_uuid(), %(tenant)s, budget_id, period_start, spent, 0, unpriced, 0 FROM sums
"""
)
RECOUNT = (
    SUMS  # noqa: S608 - nothing of it comes from outside
    + """, locked AS (
  SELECT c.id, s.spent, s.unpriced FROM budget_counter c JOIN sums s USING (budget_id, period_start)
  WHERE c.tenant_id = %(tenant)s ORDER BY c.id FOR UPDATE OF c
)
UPDATE budget_counter c SET spent = l.spent, unpriced = l.unpriced FROM locked l
WHERE c.id = l.id AND c.tenant_id = %(tenant)s
"""
)


def create(budget: Budget, by: User | None) -> None:
    """Holds from now on. Raises IntegrityError if there is one for the same whom and period."""
    with connection.cursor() as cursor:
        _shut(cursor, budget.tenant_id)
        budget.save(force_insert=True)
        cursor.execute(BEGIN, {"tenant": budget.tenant_id, "budget": budget.id})
    tell_anew(budget)
    record("budget.created", user=by, target=str(budget.id), after=budget.facts())


def recount(tenant: UUID) -> None:
    """After costs were corrected: what the running periods have spent is summed up anew. Inside the tenant's scope."""
    budgets = list(Budget.objects.all())
    if not budgets:
        return
    with connection.cursor() as cursor:
        _shut(cursor, tenant)
        cursor.execute(RECOUNT, {"tenant": tenant, "budget": None})
    for budget in budgets:
        tell_anew(budget)


def _shut(cursor: Any, tenant: UUID) -> None:
    """Waits for rows that are being written, keeps new ones waiting: each is either summed or settles itself."""
    cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [GATE + str(tenant)])


def change(budget: Budget, before: dict[str, object], by: User | None) -> None:
    """The next call is reserved under the new amount. `before`: its facts() as they were."""
    after = budget.facts()
    if after == before:
        return
    budget.save()
    tell_anew(budget)
    record("budget.changed", user=by, target=str(budget.id), before=before, after=after)


def remove(budget: Budget, by: User | None) -> None:
    """Calls that run settle with the other budgets."""
    key: UUID = budget.id
    record("budget.removed", user=by, target=str(key), before=budget.facts())
    budget.delete()


def tell_anew(budget: Budget) -> None:
    """A raised budget warns again when it comes to that; one that is made late does not tell of the past."""
    standing = next((s for s in read(budget.tenant_id, None) if s.budget == budget.id), None)
    if standing is not None and standing.counter is not None:
        level = level_of(standing, standing.spent or Decimal(0))
        budget.counters.filter(id=standing.counter).update(told=level)
