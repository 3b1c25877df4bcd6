"""Housekeeping of this package, run by beat."""

import structlog
from celery import shared_task
from django.core.cache import caches

log = structlog.get_logger(__name__)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def drop_old_counters() -> int:
    """Removes ended entries of the PostgreSQL cache; another cache looks after itself."""
    drop = getattr(caches["default"], "drop_expired", None)
    dropped = drop() if drop else 0
    log.info("counters_dropped", count=dropped)
    return dropped
