"""Telling of alerts: rows that are sent by a job, tried again for hours, each to its place once."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Q
from django.utils import timezone

from csuite.analytics import webhooks
from csuite.analytics.alerts.rows import Alert, AlertChannel, AlertDelivery
from csuite.tenants.models import Membership, Role, Tenant, User
from csuite.tenants.models.tenant import PLATFORM_SLUG
from csuite.tenants.scope import current_tenant_id, platform_scope, tenant_scope

log = structlog.get_logger(__name__)

PAUSES = (60, 300, 900, 3600, 4 * 3600, 12 * 3600)  # seconds after each failed try; then it is given up
LEASE = timedelta(minutes=2)  # a worker that dies while it sends leaves the rest to another after this
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery that is due, with all that sending needs: no transaction is open meanwhile."""

    id: UUID
    tenant: UUID
    company: str
    kind: str
    target: str
    channel: UUID | None
    event: str
    made_at: datetime
    alert: Alert | None


def queue(alert: Alert, event: str) -> None:
    """A row for each place. In the tenant's scope; nothing is sent yet."""
    AlertDelivery.objects.bulk_create(
        [_claimed(AlertDelivery(alert=alert, event=event, **place)) for place in places()], ignore_conflicts=True
    )


def queue_test(channel: AlertChannel) -> None:
    """A telling of nothing, to see whether it arrives."""
    _claimed(
        AlertDelivery(event=AlertDelivery.Event.TEST, kind=channel.kind, target=channel.target, channel=channel.id)
    ).save()


def _claimed(row: AlertDelivery) -> AlertDelivery:
    row.claim()
    return row


def places() -> Iterator[dict[str, Any]]:
    """Where this tenant's alerts go: its channels, else its finance people and administrators."""
    channels = list(AlertChannel.objects.all())
    for channel in channels:
        yield {"kind": channel.kind, "target": channel.target, "channel": channel.id}
    if not channels:
        for address in sorted(_responsible(current_tenant_id())):
            yield {"kind": AlertChannel.Kind.EMAIL, "target": address, "channel": None}


def _responsible(tenant: UUID) -> set[str]:
    """For the platform's own tenant: its staff."""
    if Tenant.objects.filter(id=tenant, slug=PLATFORM_SLUG).exists():
        return set(User.objects.filter(is_active=True, is_staff=True).values_list("email", flat=True))
    return set(
        Membership.objects.filter(
            tenant_id=tenant, is_active=True, user__is_active=True, role__in=[Role.FINANCE, Role.ADMIN]
        ).values_list("user__email", flat=True)
    )


def send_due() -> int:
    """Sends what is due, in no scope. Returns how many went out."""
    sent = 0
    for parcel in _take(timezone.now()):
        error = _send(parcel)
        _note(parcel, error)
        sent += not error
    return sent


def _take(now: datetime) -> list[Parcel]:
    """Leases what is due, so that no other worker sends it at the same time."""
    with platform_scope("alerts"):
        rows = AlertDelivery.objects.select_for_update(skip_locked=True, of=("self",)).filter(due_at__lte=now)
        due = list(rows.select_related("alert", "tenant").order_by("due_at")[:AT_ONCE])
        AlertDelivery.objects.filter(id__in=[row.id for row in due]).update(due_at=now + LEASE)
        return [
            Parcel(
                id=row.id,
                tenant=row.tenant_id,
                company=row.tenant.name,
                kind=row.kind,
                target=row.target,
                channel=row.channel,
                event=row.event,
                made_at=row.made_at,
                alert=row.alert,
            )
            for row in due
        ]


def _send(parcel: Parcel) -> str:
    """What went wrong, or "". Never raises."""
    try:
        if parcel.kind == AlertChannel.Kind.EMAIL:
            send_mail(subject(parcel), letter(parcel), None, [parcel.target])
        else:
            body = json.dumps(message(parcel), ensure_ascii=False, separators=(",", ":")).encode()
            async_to_sync(webhooks.post)(parcel.target, body, parcel.id, webhooks.secret_of(parcel.channel))
    except Exception as error:
        log.warning("alert_not_delivered", delivery=str(parcel.id), kind=parcel.kind, error=type(error).__name__)
        return f"{type(error).__name__}: {error}"[:300]
    return ""


def _note(parcel: Parcel, error: str) -> None:
    now = timezone.now()
    with tenant_scope(parcel.tenant):
        row = AlertDelivery.objects.get(id=parcel.id)
        row.tries, row.error = row.tries + 1, error
        if not error:
            row.sent_at, row.due_at = now, None
        else:
            last = row.tries > len(PAUSES)
            row.due_at = None if last else now + timedelta(seconds=PAUSES[row.tries - 1])
            if last:
                log.error("alert_given_up", delivery=str(parcel.id), kind=parcel.kind)
        row.save()


def subject(parcel: Parcel) -> str:
    if parcel.alert is None:
        return f"csuite: a test for {parcel.company}"
    over = "Over: " if parcel.event == AlertDelivery.Event.RECOVERED else ""
    return f"csuite, {parcel.company}: {over}{' '.join(parcel.alert.title.split())}"


def letter(parcel: Parcel) -> str:
    where = f"{settings.CSUITE_PUBLIC_URL}/usage/alerts/"
    if parcel.alert is None:
        return f"This is a test: alerts of {parcel.company} reach you here.\n\n{where}\n"
    alert = parcel.alert
    if parcel.event == AlertDelivery.Event.RECOVERED:
        return f"{alert.title}\n\nThis is over.\n\n{where}\n"
    return f"{alert.title}\n\n{alert.text}\n\nAcknowledge it, or see the others: {where}\n"


def message(parcel: Parcel) -> dict[str, Any]:
    """The body of a webhook. `id` is the same for every try, so that a receiver can drop doubles."""
    alert = parcel.alert
    return {
        "id": str(parcel.id),
        "event": f"alert.{parcel.event}",
        "at": parcel.made_at.isoformat(),
        "company": parcel.company,
        "alert": None
        if alert is None
        else {
            "id": str(alert.id),
            "rule": alert.rule,
            "scope": alert.scope,
            "threshold": alert.threshold,
            "severity": alert.severity,
            "title": alert.title,
            "text": alert.text,
            "facts": alert.facts,
            "opened_at": alert.opened_at.isoformat(),
            "recovered_at": alert.recovered_at.isoformat() if alert.recovered_at else None,
        },
    }


def drop_old(keep: timedelta = timedelta(days=90)) -> None:
    """In the platform's scope: what was sent or given up long ago."""
    AlertDelivery.objects.filter(Q(due_at=None), made_at__lt=timezone.now() - keep).delete()
