"""Jobs of this package: batches of questions, and housekeeping that beat runs."""

import asyncio
from datetime import timedelta
from uuid import UUID

import structlog
from celery import shared_task

from csuite.analytics import begun, orphans, returning
from csuite.analytics.alerts import delivering, looking
from csuite.analytics.budgets.moving import expired_tenants, release_expired
from csuite.analytics.bulk import leasing
from csuite.analytics.rollups import rebuilding
from csuite.tenants.scope import platform_scope, tenant_scope

log = structlog.get_logger(__name__)

BATCHES_KEPT = timedelta(days=30)

DAYS_A_MINUTE = 120  # of a rollup that is being built, so that what is due does not wait for all of it


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def fill_rollups() -> None:
    """Sums what was written since; builds rollups that are new or have changed."""
    rebuilding.run(days=DAYS_A_MINUTE)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def release_expired_holds() -> None:
    """Gives back what dead processes had reserved, of companies in which nobody asks."""
    with platform_scope("budgets"):
        tenants = expired_tenants()
    for tenant in tenants:
        with tenant_scope(tenant):
            log.warning("budget_holds_expired", tenant=str(tenant), holds=release_expired(tenant))


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def book_what_was_left_behind() -> None:
    """Books the calls of killed processes that nobody else looks after: of programs, and of lost sweeps."""
    with platform_scope("orphans"):
        left = begun.left_behind()
    for one in left:
        log.warning("attempt_left_behind", tenant=str(one.tenant_id), entry=str(one.id))
        asyncio.run(orphans.book(one.tenant_id, [orphans.Orphan(one)]))


@shared_task  # type: ignore[untyped-decorator]
def run_bulk_job(tenant_id: str, job_id: str) -> None:
    """A while of one batch. Delivered twice, or after a crash, it does no item twice (bulk/leasing.py)."""
    from csuite.analytics.bulk.running import run

    if asyncio.run(run(UUID(tenant_id), UUID(job_id))):
        run_bulk_job.delay(tenant_id, job_id)


@shared_task  # type: ignore[untyped-decorator]
def sweep_bulk_jobs() -> None:
    """Takes up batches whose worker died or whose task was lost; forgets old ones."""
    with platform_scope("bulk"):
        left = leasing.left_behind()
        leasing.forget(BATCHES_KEPT)
    for tenant, job in left:
        log.warning("bulk_job_taken_up", job=str(job))
        run_bulk_job.delay(str(tenant), str(job))


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def check_alerts() -> None:
    """Looks for what is wrong in every company, and tells of it."""
    looking.look_everywhere()
    delivering.send_due()
    with platform_scope("alerts"):
        delivering.drop_old()


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def watch_release() -> None:
    """Each minute: back to the last good release when too many attempts fail."""
    returning.watch()
