"""Making, changing and removing budgets. What was spent before a budget was made counts in it at once."""

from decimal import Decimal
from uuid import UUID

from django.db import connection

from csuite.analytics.budgets.rows import Budget
from csuite.analytics.budgets.settling import level_of
from csuite.analytics.budgets.standing import read
from csuite.analytics.ledger import GATE
from csuite.tenants.audit import record
from csuite.tenants.models import User

# Attempts of the running period that this budget would have counted.
BEGIN = """
INSERT INTO budget_counter (id, tenant_id, budget_id, period_start, spent, held, unpriced, told)
SELECT gen_random_uuid(), b.tenant_id, b.id, at.start,
  coalesce(sum(l.cost) FILTER (WHERE l.currency = b.currency), 0), 0,
  count(l.id) FILTER (WHERE l.cost IS NULL OR l.currency <> b.currency AND l.cost > 0), 0
FROM budget b
CROSS JOIN LATERAL (SELECT date_trunc(b.period, now(), 'UTC') AS start) at
LEFT JOIN ledger l ON l.tenant_id = b.tenant_id AND l.started_at >= at.start
  AND (b.scope = 'tenant' OR b.scope = 'persona' AND l.persona = b.persona OR b.scope = 'user' AND l."user" = b."user")
WHERE b.tenant_id = %s AND b.id = %s
GROUP BY b.tenant_id, b.id, b.currency, at.start
"""


def create(budget: Budget, by: User | None) -> None:
    """Holds from now on. Raises IntegrityError if there is one for the same whom and period."""
    with connection.cursor() as cursor:
        # Waits for rows that are being written, keeps new ones waiting: each is either summed here or settles itself.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [GATE + str(budget.tenant_id)])
        budget.save(force_insert=True)
        cursor.execute(BEGIN, [budget.tenant_id, budget.id])
    _tell_anew(budget)
    record("budget.created", user=by, target=str(budget.id), after=budget.facts())


def change(budget: Budget, before: dict[str, object], by: User | None) -> None:
    """The next call is reserved under the new amount. `before`: its facts() as they were."""
    after = budget.facts()
    if after == before:
        return
    budget.save()
    _tell_anew(budget)
    record("budget.changed", user=by, target=str(budget.id), before=before, after=after)


def remove(budget: Budget, by: User | None) -> None:
    """Calls that run settle with the other budgets."""
    key: UUID = budget.id
    record("budget.removed", user=by, target=str(key), before=budget.facts())
    budget.delete()


def _tell_anew(budget: Budget) -> None:
    """A raised budget warns again when it comes to that; one that is made late does not tell of the past."""
    standing = next((s for s in read(budget.tenant_id, None) if s.budget == budget.id), None)
    if standing is not None and standing.counter is not None:
        level = level_of(standing, standing.spent or Decimal(0))
        budget.counters.filter(id=standing.counter).update(told=level)
