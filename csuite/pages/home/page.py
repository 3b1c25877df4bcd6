"""The page itself."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from csuite.pages.goals import goal_rows
from csuite.pages.greeting import greeting, long_date
from csuite.pages.home.cards import cards, one_of_each
from csuite.pages.home.changes import changes
from csuite.pages.home.decisions import address, open_decisions, waiting
from csuite.pages.home.setup import steps
from csuite.pages.home.suggesting import suggestions
from csuite.personas.catalogue import all_personas
from csuite.profiles import facts
from csuite.profiles.figures import key_figures, lede
from csuite.profiles.insights import insights_of
from csuite.profiles.models import InsightMark
from csuite.tenants import seen
from csuite.tenants.gate import member_required
from csuite.tenants.middleware import MemberRequest

INSIGHTS = 3
LOOKED_AT = 40  # of the newest, among which the page chooses


@require_safe
def home(request: MemberRequest) -> HttpResponse:
    """Platform staff who belong to no company start in the admin: there is nothing else for them to see."""
    if request.user.is_authenticated and not request.member and request.user.is_staff:
        return redirect("admin:index")
    return _home(request)


@member_required()
def _home(request: MemberRequest) -> HttpResponse:
    member, now = request.member, request.member.tenant.now()
    today = now.date()
    figures = key_figures(today)
    profile = facts.current_profile()
    series = facts.all_series(today) if profile else ()
    personas = all_personas()
    new = insights_of(member.user, today)
    found = cards(one_of_each(list(new[:LOOKED_AT])), personas, member.user, today)
    to_do = steps(member)
    since = seen.visit(member)
    context = {
        "today": long_date(now),
        "greeting": greeting(now, request.user.first_name),
        "lede": " ".join(said for said in (lede(figures), waiting()) if said),
        "decisions": open_decisions(today),
        "decisions_url": address("decisions"),
        "changes": changes(member, since) if since else "",
        "figures": figures,
        "cards": found[:INSIGHTS],
        "new_count": new.count(),
        "put_away": put_away_lately(request),
        "tomorrow": today + timedelta(days=1),
        "goals": goal_rows(facts.goals(profile), series, facts.company(profile).currency),
        "personas": personas,
        "asks": suggestions(personas, found, found[:INSIGHTS], today),
        "steps": to_do,
        "steps_done": sum(step.done for step in to_do),
        "first": next((step for step in to_do if not step.done and step.url), None) if not figures else None,
    }
    return render(request, "pages/home.html", context)


def put_away_lately(request: MemberRequest) -> InsightMark | None:
    """What was just put away, named in the address, so that it can be taken back without any script."""
    try:
        asked = UUID(request.GET.get("away", ""))
    except ValueError:
        return None
    found: InsightMark | None = (
        InsightMark.objects.filter(insight_id=asked, user=request.user).select_related("insight").first()
    )
    return found
