"""Jobs of conversations."""

from celery import shared_task

from csuite.conversations import sweeper
from csuite.tenants.scope import platform_scope


@shared_task  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Closes the orphans of dead web processes even when no web process is left to do it."""
    with platform_scope("sweeper"):
        sweeper.sweep(None)
