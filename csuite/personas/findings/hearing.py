"""Figures or deals of a tenant changed: a look is wanted. Failing here must not fail who changed them."""

from typing import Any
from uuid import UUID

import structlog

from csuite.deals.signals import changed
from csuite.personas.findings.looking import want
from csuite.profiles.signals import metrics_imported

log = structlog.get_logger(__name__)


def hear() -> None:
    """Connects the signals; once, when the application is ready."""
    metrics_imported.connect(_changed, dispatch_uid="insights")
    changed.connect(_changed, dispatch_uid="insights")


def _changed(sender: Any, tenant: UUID, **kwargs: Any) -> None:
    from csuite.personas.tasks import find_insights

    try:
        if want(tenant):
            find_insights.delay(str(tenant))
    except Exception:  # the night's look comes in any case
        log.exception("insights_not_wanted", tenant=str(tenant))
