"""The list of calls for finance: every attempt, what it used, what it cost, how it went."""

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from csuite.analytics import calls
from csuite.analytics.export import stream
from csuite.analytics.names import people
from csuite.llm.attempt import CANCELLED
from csuite.personas.catalogue import all_personas
from csuite.tenants.audit import record
from csuite.tenants.gate import member_required
from csuite.tenants.limits import take_expensive
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.models import Role


@require_safe
@member_required(Role.FINANCE, Role.ADMIN)
def usage(request: MemberRequest) -> HttpResponse:
    now = timezone.now()
    choice = calls.Choice.from_query(request.GET, now)
    entries, more = calls.page(choice.rows(), calls.Mark.parse(request.GET.get("after", "")))
    offered = calls.offered(choice.month)
    names = people([*offered.people, *(entry.user for entry in entries)])
    personas = {persona.key: persona.name for persona in all_personas()}
    context: dict[str, Any] = {
        "choice": choice,
        "totals": calls.totals(choice.rows()),
        "lines": [_line(entry, names[entry.user], personas) for entry in entries],
        "later": bool(request.GET.get("after")),
        "older": choice.query(after=str(calls.Mark.at(entries[-1]))) if more else "",
        "months": [(str(month), month.start) for month in _months(choice, now)],
        "people": sorted(((str(user), names[user]) for user in offered.people), key=lambda pair: pair[1]),
        "personas": [(key, personas.get(key, key)) for key in offered.personas],
        "models": offered.models,
    }
    return render(request, "analytics/usage.html", context)


def _months(choice: calls.Choice, now: Any) -> list[calls.Month]:
    """The last year; an older month that was asked for stays in the list."""
    months = list(calls.recent_months(now))
    return months if choice.month in months else [*months, choice.month]


def _line(entry: Any, person: str, personas: dict[str, str]) -> dict[str, Any]:
    return {
        "call": entry,
        "person": person,
        "persona": personas.get(entry.persona, entry.persona),
        "failed": entry.error_kind not in ("", CANCELLED),
    }


@require_safe
@member_required(Role.FINANCE, Role.ADMIN)
def usage_csv(request: MemberRequest) -> HttpResponse:
    choice = calls.Choice.from_query(request.GET, timezone.now())
    take_expensive(request.member)
    record("usage.exported", user=request.user, target=str(choice.month), query=choice.query())
    response = StreamingHttpResponse(stream(choice, request.member.tenant_id), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="calls-{choice.month}.csv"'
    return response  # type: ignore[return-value]  # Django's streaming response is a cousin of HttpResponse
