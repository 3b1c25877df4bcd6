"""What beat runs for this package."""

import structlog
from celery import shared_task

from csuite.providers import checks

log = structlog.get_logger(__name__)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def check_providers() -> None:
    """Each minute: a provider that does not answer goes to the end of every chain until it does."""
    failing = [probe.provider for probe in checks.check() if not probe.ok]
    if failing:
        log.warning("providers_unhealthy", providers=failing)
