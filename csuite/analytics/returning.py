"""Automatic return: when too many attempts of a release fail, the last good release is made current again.

The ledger says how it went, since the release became current; providers.releases changes the row. Two workers at once
change it once.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from csuite.analytics.models import LedgerEntry
from csuite.llm.meter import tell
from csuite.providers.models import Release
from csuite.providers.releases import current_release, last_good, take_back
from csuite.tenants.scope import platform_scope

log = structlog.get_logger(__name__)

NO_MODEL = ("analyst", "scripted")
# These say something of the question, of us or of the person, and nothing of the model.
NOT_ITS_FAULT = ("cancelled", "budget", "context_length", "content_filter")


@dataclass(frozen=True, slots=True)
class Rate:
    """How the attempts of a release went."""

    attempts: int
    errors: int

    @property
    def is_too_high(self) -> bool:
        enough = self.attempts >= settings.RELEASE_LEAST_ATTEMPTS
        return enough and self.errors > self.attempts * float(settings.RELEASE_ERROR_RATE)

    def __str__(self) -> str:
        return f"{self.errors} of {self.attempts} attempts failed"


def rate(release: Release, now: datetime) -> Rate:
    """Of the last minutes, but not of before the release became current. Inside the platform's scope.

    A release with models of its own is judged by them, one without by every model. A request that was refused counts
    only where the product wrote it: a program could send rubbish to have the models changed.
    """
    since = max(release.current_since or now, now - timedelta(minutes=settings.RELEASE_WINDOW_MINUTES))
    rows = LedgerEntry.objects.filter(started_at__gte=since).exclude(provider__in=NO_MODEL)
    rows = rows.exclude(error_kind__in=NOT_ITS_FAULT).exclude(error_kind="invalid_request", message=None)
    own = {(line.model.provider, line.model.name) for line in release.models.select_related("model")}
    if own:
        either = Q()
        for provider, model in own:
            either |= Q(provider=provider, model=model)
        rows = rows.filter(either)
    said = rows.aggregate(attempts=Count("id"), errors=Count("id", filter=~Q(error_kind="")))
    return Rate(said["attempts"], said["errors"])


def watch() -> Release | None:
    """Takes the current release back if it fails too often; the one that is current then, None if nothing was done."""
    release = current_release()
    if release is None or last_good() is None:
        return None  # there is nothing to go back to: the alerts on errors tell of it
    with platform_scope("error rate of a release"):
        found = rate(release, timezone.now())
    if not found.is_too_high:
        return None
    good = take_back(release.pk, str(found))
    if good is not None:
        log.error("model_reverted", release=release.label, to=good.label, why=str(found))
        asyncio.run(tell("model_reverted", label=release.label, to=good.label, reason=str(found)))
    return good
