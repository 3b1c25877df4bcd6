"""The page of alerts: what is open, what was, who is told."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from csuite.analytics import webhooks
from csuite.analytics.alerts.delivering import queue_test
from csuite.analytics.alerts.keeping import acknowledge
from csuite.analytics.alerts.rows import Alert, AlertChannel, AlertDelivery
from csuite.llm.addresses import BadAddress, checked
from csuite.tenants.audit import record
from csuite.tenants.gate import member_required
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.models import Role
from csuite.tenants.problems import Problem

PAST = 50
CHANNELS = 10


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(Role.FINANCE, Role.ADMIN)
def alerts(request: MemberRequest) -> HttpResponse:
    """The page; a POST adds a channel."""
    problem, target = None, request.POST.get("target", "").strip()
    if request.method == "POST":
        try:
            made = _add(request, target)
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, f"Alerts go to {made.target} as well.")
            return redirect("alerts")
    rows = Alert.objects.select_related("acknowledged_by")
    context: dict[str, Any] = {
        "open": rows.filter(recovered_at=None),
        "past": rows.exclude(recovered_at=None)[:PAST],
        "channels": [(one, _secret(one), _last(one)) for one in AlertChannel.objects.all()],
        "problem": problem,
        "target": target,
    }
    return render(request, "analytics/alerts.html", context, status=problem.status if problem else 200)


def _secret(channel: AlertChannel) -> str:
    return webhooks.secret_of(channel.id) if channel.kind == AlertChannel.Kind.WEBHOOK else ""


def _last(channel: AlertChannel) -> AlertDelivery | None:
    found: AlertDelivery | None = AlertDelivery.objects.filter(kind=channel.kind, target=channel.target).first()
    return found


def _add(request: MemberRequest, target: str) -> AlertChannel:
    """An https address is a webhook, anything else an e-mail address. Raises Problem("bad_frame")."""
    if AlertChannel.objects.count() >= CHANNELS:
        raise Problem("bad_frame", f"There are {CHANNELS} places already; remove one first.")
    kind = AlertChannel.Kind.WEBHOOK if "://" in target else AlertChannel.Kind.EMAIL
    try:
        if kind == AlertChannel.Kind.WEBHOOK:
            checked(target)
        else:
            validate_email(target)
    except BadAddress as bad:
        raise Problem("bad_frame", str(bad)) from None
    except ValidationError:
        raise Problem("bad_frame", "Write an e-mail address, or an https address for a webhook.") from None
    made, new = AlertChannel.objects.get_or_create(kind=kind, target=target, defaults={"made_by": request.user})
    if new:
        record("alert.channel_added", user=request.user, target=str(made.id), kind=kind, to=target)
    return made  # type: ignore[no-any-return]


@require_POST
@member_required(Role.FINANCE, Role.ADMIN)
def alert_acknowledge(request: MemberRequest, alert: UUID) -> HttpResponse:
    row = Alert.objects.filter(id=alert).first()
    if row is None:
        raise Problem("not_found", "There is no such alert.")
    acknowledge(row, request.user, timezone.now())
    record("alert.acknowledged", user=request.user, target=str(row.id), rule=row.rule, scope=row.scope)
    return redirect("alerts")


@require_POST
@member_required(Role.FINANCE, Role.ADMIN)
def alert_channel(request: MemberRequest, channel: UUID) -> HttpResponse:
    """`do`: remove, or send a test."""
    row = AlertChannel.objects.filter(id=channel).first()
    if row is None:
        raise Problem("not_found", "There is no such place.")
    if request.POST.get("do") == "test":
        queue_test(row)
        messages.success(request, f"A test is on its way to {row.target}; it arrives within a minute.")
    elif request.POST.get("do") == "remove":
        record("alert.channel_removed", user=request.user, target=str(row.id), kind=row.kind, to=row.target)
        row.delete()
        messages.success(request, "Removed.")
    else:
        raise Problem("bad_frame", "Say what to do: test or remove.")
    return redirect("alerts")
