"""The looks of the insight detectors, and the sweeper for those whose worker died or whose task was lost."""

from uuid import UUID

from celery import shared_task

from csuite.personas.findings import looking


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def find_insights(tenant_id: str) -> None:
    """One look at one tenant. Delivered twice, or after a crash, it is done once (findings/looking.py)."""
    looking.look(UUID(tenant_id))


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def sweep_insights() -> None:
    for tenant in looking.left_behind():
        find_insights.delay(str(tenant))


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def want_insights() -> None:
    """Each half hour: the companies whose day has begun get their look; the sweeper starts it."""
    looking.want_nightly()
