"""`/audit/`: what was done in the company, for its admins."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from csuite.tenants.audit import changes
from csuite.tenants.gate import member_required
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.models import AuditEntry, Membership, Role

A_PAGE = 50


@require_safe
@member_required(Role.ADMIN)
def audit(request: MemberRequest) -> HttpResponse:
    """Newest first, 50 a page; `action` and `person` choose, `before` goes on where a page ended."""
    action, person, before = (request.GET.get(name, "") for name in ("action", "person", "before"))
    rows = AuditEntry.objects.filter(tenant_id=request.member.tenant_id).select_related("user").order_by("-at", "-id")
    actions = list(rows.order_by("action").values_list("action", flat=True).distinct())
    if action:
        rows = rows.filter(action=action)
    if _id(person):
        rows = rows.filter(user_id=_id(person))
    mark = _mark(before)
    if mark:
        rows = rows.filter(Q(at__lt=mark[0]) | Q(at=mark[0], id__lt=mark[1]))
    found = list(rows[: A_PAGE + 1])
    last = found[A_PAGE - 1] if len(found) > A_PAGE else None
    people = Membership.objects.filter(tenant_id=request.member.tenant_id).select_related("user")
    context = {
        "entries": [{"entry": entry, "changes": changes(entry.detail)} for entry in found[:A_PAGE]],
        "actions": actions,
        "people": sorted((str(one.user_id), one.user.display_name) for one in people),
        "action": action,
        "person": person,
        "older": f"{last.at.isoformat()}_{last.id}" if last else "",
        "later": mark is not None,
    }
    return render(request, "tenants/audit.html", context)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _mark(text: str) -> tuple[Any, UUID] | None:
    when, _, which = text.partition("_")
    try:
        at, row = parse_datetime(when), _id(which)
    except ValueError:
        return None
    return (at, row) if at and at.tzinfo and row else None
