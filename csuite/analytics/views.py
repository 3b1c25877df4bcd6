"""Usage for finance: the overview from rollups, and the list of calls behind it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST, require_safe

from csuite.analytics import calls, periods, quality, showing
from csuite.analytics.alerts.keeping import recent
from csuite.analytics.burning import month_budget, personal_budgets
from csuite.analytics.corrections import CostCorrection, Recalculation, held
from csuite.analytics.export import stream
from csuite.analytics.models import LedgerEntry
from csuite.analytics.names import people
from csuite.analytics.overview import Overview, overview
from csuite.analytics.pricing import price_form
from csuite.analytics.ratings import ratings, ratings_by
from csuite.analytics.recalculating import Wanted, recalculate
from csuite.analytics.rollups import FillState
from csuite.analytics.rollups.filling import freshen
from csuite.analytics.workbook import workbook
from csuite.llm.attempt import CANCELLED
from csuite.personas.catalogue import all_personas
from csuite.tenants.audit import record
from csuite.tenants.gate import member_required
from csuite.tenants.limits import take_expensive
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.models import Role
from csuite.tenants.problems import Problem

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@member_required(Role.FINANCE, Role.ADMIN)
def usage(request: MemberRequest) -> HttpResponse:
    now = timezone.now()
    period, fault = periods.choose(request.GET, now)
    freshen()
    found = overview(request.member.tenant_id, request.member.tenant.currency, period, now)
    budget = month_budget(found, now)
    context: dict[str, Any] = {
        "found": found,
        "period": period,
        "periods": periods.offered(now),
        "fault": fault,
        "now": now,
        "last_day": min(period.last_day, now.date()),
        "building": FillState.objects.filter(complete=False).exists(),
        "budget": budget,
        "change": showing.change(found.cost, found.earlier),
        "unpriced": [{**row, "url": price_form(request.user, row)} for row in found.unpriced],
        "export": calls.Month.of(periods.as_moment(min(period.last_day, now.date()))),
        "alerts": recent(now),
        "recalculations": Recalculation.objects.select_related("user")[:5],
        **_charts(found, budget.limit if budget else None),
        **_tables(found, now),
        "liked": [
            (label, ratings_by(request.member.tenant_id, period.since, period.until, by)[:10])
            for label, by in (("Officer", "persona"), ("Prompt version", "prompt_version"), ("Model", "model"))
        ],
        "whole": quality.whole(ratings(request.member.tenant_id, period.since, period.until), found.savings),
    }
    return render(request, "analytics/usage.html", context)


def _charts(found: Overview, limit: Any) -> dict[str, Any]:
    return {
        "burn_title": showing.burn_title(found, limit),
        "burn": mark_safe(showing.burn_chart(found, limit)),  # noqa: S308 - charts escape what they are given
        "burn_rows": showing.burn_table(found),
        "trend": mark_safe(showing.trend_chart(found)),  # noqa: S308 - the same
        "trend_table": showing.trend_table(found),
    }


def _tables(found: Overview, now: Any) -> dict[str, Any]:
    names = people(_id(row["user"]) for row in found.by["person"])
    budgets = personal_budgets(found, now)
    officers = {persona.key: persona for persona in all_personas()}
    hues = {key: persona.hue for key, persona in officers.items()}

    def officer(row: Any) -> str:
        key = row["persona"]
        return officers[key].name if key in officers else key or "No persona"

    return {
        "personas": showing.lines(found.by["persona"], officer, hues),
        "models": showing.lines(found.by["model"], lambda row: f"{row['model']}, {row['provider']}"),
        "persons": showing.lines(
            found.by["person"], lambda row: names[_id(row["user"])], budget=lambda row: budgets.get(_id(row["user"]))
        ),
        "persons_limited": bool(budgets),
        "tasks": showing.lines(found.by["task"], lambda row: row["task"]),
        "quality": quality.table(found.quality),
        "targets": quality.TARGETS,
    }


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None


@require_safe
@member_required(Role.FINANCE, Role.ADMIN)
def usage_calls(request: MemberRequest) -> HttpResponse:
    now = timezone.now()
    choice = calls.Choice.from_query(request.GET, now)
    entries, more = calls.page(choice.rows(), calls.Mark.parse(request.GET.get("after", "")))
    offered = calls.offered(choice.month)
    names = people([*offered.people, *(entry.user for entry in entries)])
    fixed = held([entry.id for entry in entries])
    personas = {persona.key: persona.name for persona in all_personas()}
    context: dict[str, Any] = {
        "choice": choice,
        "totals": calls.totals(choice.rows()),
        "lines": [_line(entry, names[entry.user], personas, fixed.get(entry.id)) for entry in entries],
        "later": bool(request.GET.get("after")),
        "older": choice.query(after=str(calls.Mark.at(entries[-1]))) if more else "",
        "months": [(str(month), month.start) for month in _months(choice, now)],
        "people": sorted(((str(user), names[user]) for user in offered.people), key=lambda pair: pair[1]),
        "personas": [(key, personas.get(key, key)) for key in offered.personas],
        "models": offered.models,
    }
    return render(request, "analytics/calls.html", context)


def _months(choice: calls.Choice, now: Any) -> list[calls.Month]:
    """The last year; an older month that was asked for stays in the list."""
    months = list(calls.recent_months(now))
    return months if choice.month in months else [*months, choice.month]


def _line(entry: LedgerEntry, person: str, personas: dict[str, str], fixed: CostCorrection | None) -> dict[str, Any]:
    return {
        "call": entry,
        "cost": fixed.cost if fixed else entry.cost,
        "currency": fixed.currency if fixed else entry.currency,
        "corrected": fixed is not None,
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


@require_safe
@member_required(Role.FINANCE, Role.ADMIN)
def usage_xlsx(request: MemberRequest) -> HttpResponse:
    choice = calls.Choice.from_query(request.GET, timezone.now())
    take_expensive(request.member)
    record("usage.exported", user=request.user, target=str(choice.month), query=choice.query(), format="xlsx")
    response = StreamingHttpResponse(workbook(choice, request.member.tenant_id), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="calls-{choice.month}.xlsx"'
    return response  # type: ignore[return-value]  # as above


@require_POST
@member_required(Role.FINANCE, Role.ADMIN)
def usage_recalculate(request: MemberRequest) -> HttpResponse:
    """Prices the calls of a month that have no price, by what is entered now."""
    month = calls.Month.parse(request.POST.get("month", ""))
    reason = " ".join(request.POST.get("reason", "").split())[:300]
    if month is None or not reason or not reason.isprintable():
        raise Problem("bad_frame", "Say the month and the reason.")
    take_expensive(request.member)
    done = recalculate(Wanted(month.start, month.end, reason), request.user)
    still = f" {done.unpriced} still have no price." if done.unpriced else ""
    messages.success(request, f"{done.corrected} of {done.checked} calls have a cost now.{still}")
    return redirect(f"{reverse('usage')}?month={month}")
