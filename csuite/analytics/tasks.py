"""Housekeeping of this package, run by beat."""

from celery import shared_task

from csuite.analytics.rollups import rebuilding

DAYS_A_MINUTE = 120  # of a rollup that is being built, so that what is due does not wait for all of it


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def fill_rollups() -> None:
    """Sums what was written since; builds rollups that are new or have changed."""
    rebuilding.run(days=DAYS_A_MINUTE)
