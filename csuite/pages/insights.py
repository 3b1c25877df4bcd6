"""All insights of a company with what each person did with them; dismissing, snoozing, taking back."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from csuite.pages.home.cards import cards
from csuite.pages.home.page import put_away_lately
from csuite.personas.catalogue import all_personas
from csuite.profiles import insights
from csuite.profiles.models import Insight
from csuite.tenants.gate import member_required
from csuite.tenants.middleware import MemberRequest

PAGE = 30
LABELS = (
    (insights.NEW, "New"),
    (insights.SNOOZED, "Snoozed"),
    (insights.DISMISSED, "Dismissed"),
    (insights.OVER, "Over"),
    (insights.ALL, "All"),
)
LONGEST = timedelta(days=366)


@require_safe
@member_required()
def all_insights(request: MemberRequest) -> HttpResponse:
    today = request.member.tenant.today()
    personas = all_personas()
    asked = _asked(request)
    rows = insights.insights_of(request.user, today, asked["state"])
    if asked["persona"]:
        rows = rows.filter(persona=asked["persona"])
    if asked["kind"]:
        rows = rows.filter(kind=asked["kind"])
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "cards": cards(list(page), personas, request.user, today),
        "page": page,
        "asked": asked,
        "query": urlencode({name: value for name, value in asked.items() if value}),
        "states": [(key, label, _with(asked, state=key)) for key, label in LABELS],
        "kinds": Insight.Kind.choices,
        "personas": personas,
        "put_away": put_away_lately(request),
        "tomorrow": today + timedelta(days=1),
    }
    return render(request, "pages/insights.html", context)


def _asked(request: MemberRequest) -> dict[str, str]:
    """A filter that means nothing filters nothing."""
    state = request.GET.get("state", "")
    kind = request.GET.get("kind", "")
    return {
        "state": state if state in insights.STATES else insights.NEW,
        "persona": request.GET.get("persona", "")[:40].replace("\0", ""),
        "kind": kind if kind in Insight.Kind.values else "",
    }


def _with(asked: dict[str, str], **changed: str) -> str:
    return urlencode({name: value for name, value in {**asked, **changed}.items() if value})


@require_POST
@member_required()
def dismiss(request: MemberRequest, insight: UUID) -> HttpResponse:
    insights.put_away(insight, request.user)
    return _back(request, away=insight)


@require_POST
@member_required()
def snooze(request: MemberRequest, insight: UUID) -> HttpResponse:
    """Until a day, or for so many days."""
    insights.insight_of(insight)
    until = _until(request, request.member.tenant.today())
    if until is None:
        messages.error(request, "Choose a day from tomorrow on, within a year. Nothing was changed.")
        return _back(request)
    insights.put_away(insight, request.user, until)
    return _back(request, away=insight)


def _until(request: MemberRequest, today: date) -> date | None:
    days = request.POST.get("days", "")
    try:
        until = today + timedelta(days=int(days)) if days else date.fromisoformat(request.POST.get("until", ""))
    except (ValueError, OverflowError):
        return None
    return until if today < until <= today + LONGEST else None


@require_POST
@member_required()
def bring_back(request: MemberRequest, insight: UUID) -> HttpResponse:
    found = insights.bring_back(insight, request.user)
    messages.success(request, f"“{found.title}” is back.")
    return _back(request)


def _back(request: MemberRequest, **more: Any) -> HttpResponse:
    """To the page that it came from: home, or the list as it was filtered."""
    query = request.POST.get("query", "")[:300]
    if request.POST.get("page") != "insights":
        return redirect(reverse("home") + (f"?{urlencode(more)}" if more else ""))
    parts = [part for part in (query, urlencode(more)) if part]
    return redirect(reverse("insights") + ("?" + "&".join(parts) if parts else ""))
