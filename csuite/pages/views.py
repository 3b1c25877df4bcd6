"""The company's profile."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from csuite.pages.goals import goal_rows
from csuite.pages.interview import EDITORS
from csuite.profiles import drafts, facts
from csuite.tenants.gate import member_required
from csuite.tenants.middleware import MemberRequest


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
