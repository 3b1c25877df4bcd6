"""Home and profile."""

from collections import Counter
from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from csuite.pages.goals import goal_rows
from csuite.pages.greeting import greeting, long_date
from csuite.pages.interview import EDITORS
from csuite.personas.catalogue import all_personas
from csuite.profiles import drafts, facts
from csuite.profiles.figures import key_figures, lede
from csuite.profiles.models import Insight
from csuite.profiles.records import InsightRecord
from csuite.tenants.gate import member_required
from csuite.tenants.middleware import MemberRequest

INSIGHTS = 3
QUESTIONS = 2  # per persona


@require_safe
def home(request: MemberRequest) -> HttpResponse:
    """Platform staff who belong to no company start in the admin: there is nothing else for them to see."""
    if request.user.is_authenticated and not request.member and request.user.is_staff:
        return redirect("admin:index")
    return _home(request)


@member_required()
def _home(request: MemberRequest) -> HttpResponse:
    now = request.member.tenant.now()
    figures = key_figures(now.date())
    profile = facts.current_profile()
    series = facts.all_series(now.date()) if profile else ()
    personas = all_personas()
    context = {
        "today": long_date(now),
        "greeting": greeting(now, request.user.first_name),
        "lede": lede(figures),
        "figures": figures,
        "insights": _insights(),
        "goals": goal_rows(facts.goals(profile), series, facts.company(profile).currency),
        "personas": personas,
        "asks": [(persona, persona.questions[:QUESTIONS]) for persona in personas if persona.questions],
    }
    return render(request, "pages/home.html", context)


def _insights() -> list[dict[str, object]]:
    """The newest, with the persona each concerns; an insight of a persona that is switched off keeps its words."""
    by_key = {persona.key: persona for persona in all_personas()}
    kinds = dict(Insight.Kind.choices)
    return [
        {"insight": one, "persona": by_key.get(one.persona), "kind": kinds.get(one.kind, one.kind)}
        for one in one_of_each(facts.insights())[:INSIGHTS]
    ]


def one_of_each(insights: Sequence[InsightRecord]) -> list[InsightRecord]:
    """The first of every persona before the second of any: one loud metric must not fill the page."""
    seen: Counter[str] = Counter()
    ranked = []
    for place, insight in enumerate(insights):
        ranked.append((seen[insight.persona], place, insight))
        seen[insight.persona] += 1
    return [insight for _, _, insight in sorted(ranked, key=lambda row: row[:2])]


@require_safe
@member_required()
def profile(request: MemberRequest) -> HttpResponse:
    now = request.member.tenant.now()
    published = facts.current_profile()
    company = facts.company(published)
    context = {
        "company": company,
        "published": published,
        "draft": drafts.current(),
        "may_edit": request.member.role in EDITORS,
        "goals": goal_rows(facts.goals(published), facts.all_series(now.date()), company.currency),
    }
    return render(request, "pages/profile.html", context)
