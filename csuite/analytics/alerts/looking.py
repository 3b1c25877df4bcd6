"""When alerts are looked for: each minute for every company, and at once when the meter tells of something."""

import asyncio
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

import structlog
from django.utils import timezone

from csuite.analytics.alerts.delivering import send_due
from csuite.analytics.alerts.finding import Finding
from csuite.analytics.alerts.keeping import check, end_of, keep, raise_alert
from csuite.analytics.rollups.filling import freshen
from csuite.tenants.db import in_thread
from csuite.tenants.models import Tenant
from csuite.tenants.models.tenant import PLATFORM_SLUG
from csuite.tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

# Events of the model layer about the installation itself: what is raised, and what ends it.
RAISED = {
    "breaker_open": (
        "breaker",
        "is left alone",
        "It failed too often ({reason}). One try follows after {seconds:.0f} s.",
    ),
    "cache_dead": ("cache", "does not answer", "Questions are answered without it, and cost more."),
    "model_reverted": ("release", "was taken back", "Too many errors: {reason}. The last good release answers again."),
    "ids_guessed": (
        "guessing",
        "asks for what is not there",
        "One id after the other was tried ({reason}). Nothing was shown; further tries are refused for a while.",
    ),
    "unhealthy": ("health", "does not answer", "The health check failed: {reason}. Others are asked first."),
}
# They end when they were not heard of for so many seconds, even if nobody says that they are over.
QUIET = {"breaker": 7200, "cache": 3600, "health": 3600, "release": 86_400, "guessing": 3600}
ENDED = {"breaker_closed": "breaker", "cache_alive": "cache", "healthy": "health"}


def look_everywhere() -> None:
    """Every active company in a scope of its own; one that fails does not keep the others from their alerts."""
    for tenant in Tenant.objects.filter(is_active=True):
        try:
            look(tenant.pk)
        except Exception:
            log.exception("alerts_not_checked", tenant=str(tenant.pk))


def look(tenant: UUID) -> None:
    with tenant_scope(tenant):
        freshen()
        now = timezone.now()
        check(now)
        for rule, quiet in QUIET.items():
            keep(rule, [], now, quiet)


_running: set[asyncio.Task[None]] = set()


def _apart(work: Coroutine[Any, Any, None]) -> None:
    """Whoever tells of an event is in the middle of a call and must not wait; what is lost here, beat finds."""
    task = asyncio.get_running_loop().create_task(work)
    _running.add(task)
    task.add_done_callback(_ended)


def _ended(task: asyncio.Task[None]) -> None:
    _running.discard(task)
    if not task.cancelled() and task.exception() is not None:
        log.error("alerts_not_checked", error=repr(task.exception())[:300])


async def budget_reached(**facts: Any) -> None:
    """A budget has passed a threshold: told of now and not in a minute."""
    _apart(in_thread(_now, UUID(str(facts["tenant"]))))


def _now(tenant: UUID) -> None:
    look(tenant)
    send_due()


async def platform_event(name: str, **facts: Any) -> None:
    """Raises or ends an alert of the platform's own tenant."""
    _apart(in_thread(_platform, name, facts))


def _platform(name: str, facts: dict[str, Any]) -> None:
    tell_staff(name, facts)
    send_due()


def tell_staff(name: str, facts: dict[str, Any]) -> None:
    """Raises or ends an alert of the platform's own tenant; it is queued, not sent."""
    tenant = Tenant.objects.get(slug=PLATFORM_SLUG)
    what = str(facts.get("provider") or facts.get("cache") or facts.get("label") or name)
    with tenant_scope(tenant.pk):
        if name in ENDED:
            end_of(ENDED[name], what, timezone.now())
        else:
            raise_alert(found_in(name, what, facts), timezone.now())


def found_in(name: str, what: str, facts: dict[str, Any]) -> Finding:
    rule, deed, text = RAISED[name]
    reason = str(facts.get("reason") or facts.get("kind") or "no answer").replace("_", " ")
    seconds = facts.get("seconds")
    said = {"reason": reason, "seconds": float(seconds) if isinstance(seconds, int | float) else 0.0}
    return Finding(
        rule=rule,
        scope=what[:160],
        threshold=name,
        title=f"{what} {deed}"[:160],
        text=text.format(**said),
        serious=bool(facts.get("alert", True)),
        facts={key: str(value) for key, value in facts.items()},
    )
