"""When detectors look: every night, and after figures or deals changed. Nothing here is inside a scope.

A change marks the tenant's row and, if nobody looked within REST, starts a task; more changes until it runs are
covered by that one look, and later ones wait for the sweeper, so that a burst costs one look a minute. Whoever looks
holds a lock that dies with his connection, and does all in one transaction: after a kill the row still says "wanted".
"""

from datetime import timedelta
from uuid import UUID

import structlog
from django.db import connection
from django.utils import timezone

from csuite.personas.catalogue import all_personas
from csuite.personas.findings.deals import of_deals
from csuite.personas.findings.metrics import of_metrics
from csuite.personas.findings.storing import Kept, keep
from csuite.personas.models import InsightsDue
from csuite.tenants.models import Tenant
from csuite.tenants.models.tenant import PLATFORM_SLUG
from csuite.tenants.scope import current_tenant_id, platform_scope, tenant_scope

log = structlog.get_logger(__name__)

REST = timedelta(seconds=60)  # between two looks at one tenant
LEFT_FOR = timedelta(seconds=20)  # wanted for longer than this: its task was lost, or it had to rest
MOST_ATTEMPTS = 3
NIGHT = 3  # o'clock where the company is; from then on the day's look is wanted


def want(tenant: UUID) -> bool:
    """Marks the tenant. True if a task shall be started for it now."""
    now = timezone.now()
    with tenant_scope(tenant):
        row, _ = InsightsDue.objects.get_or_create()
        InsightsDue.objects.filter(pk=row.pk).update(wanted_at=now, attempts=0)
    return row.wanted_at is None and (row.began_at is None or row.began_at < now - REST)


def want_nightly() -> int:
    """Marks every active tenant whose day has begun and has not been looked at. How many."""
    with platform_scope("insights"):
        tenants = list(Tenant.objects.filter(is_active=True).exclude(slug=PLATFORM_SLUG))
        done = dict(InsightsDue.objects.values_list("tenant_id", "ran_for"))
    due = [one.pk for one in tenants if one.now().hour >= NIGHT and done.get(one.pk) != one.today()]
    for tenant in due:
        want(tenant)
    return len(due)


def left_behind() -> list[UUID]:
    """Tenants that wait for a look and whose task was lost, or that had to rest."""
    now = timezone.now()
    with platform_scope("insights"):
        rows = InsightsDue.objects.filter(wanted_at__lt=now - LEFT_FOR).exclude(began_at__gt=now - REST)
        return list(rows.order_by("wanted_at").values_list("tenant_id", flat=True)[:50])


def look(tenant: UUID) -> Kept | None:
    """Runs the detectors if that is wanted and nobody does. None if there was nothing to do, or it failed."""
    if not _begin(tenant):
        return None
    try:
        with tenant_scope(tenant):
            if not _alone():
                return None
            return _look()
    except Exception:  # the sweeper begins it again, up to MOST_ATTEMPTS
        log.exception("insights_failed", tenant=str(tenant))
        return None


def _begin(tenant: UUID) -> bool:
    """Counts the attempt, for good."""
    with tenant_scope(tenant):
        if not _alone():
            return False
        row = InsightsDue.objects.select_for_update().filter(wanted_at__isnull=False).first()
        if row is None:
            return False
        if row.attempts >= MOST_ATTEMPTS or not Tenant.objects.filter(pk=tenant, is_active=True).exists():
            log.error("insights_given_up", tenant=str(tenant), attempts=row.attempts)
            InsightsDue.objects.filter(pk=row.pk).update(wanted_at=None)
            return False
        InsightsDue.objects.filter(pk=row.pk).update(attempts=row.attempts + 1, began_at=timezone.now())
        return True


def _look() -> Kept:
    """A change that comes while it looks keeps the row wanted: the mark is taken away only if it is still this one."""
    row = InsightsDue.objects.get()
    today = Tenant.objects.get(pk=current_tenant_id()).today()
    officers = all_personas()
    kept = keep([*of_metrics(today, officers), *of_deals(row, today, officers)], today)
    InsightsDue.objects.update(ran_at=timezone.now(), ran_for=today, attempts=0)
    InsightsDue.objects.filter(wanted_at=row.wanted_at).update(wanted_at=None)
    log.info("insights_looked", new=kept.new, changed=kept.changed, same=kept.same, closed=kept.closed)
    return kept


def _alone() -> bool:
    """One look at a tenant at a time; the lock goes with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"insights:{current_tenant_id()}"])
        return bool(cursor.fetchone()[0])
