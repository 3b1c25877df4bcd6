"""The door of a company that asks more of the sign-in than the session gave: says what, and leads there."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from csuite.tenants import policy, sso
from csuite.tenants.access import acting, memberships_of
from csuite.tenants.middleware import MemberRequest


@never_cache
@login_required
@require_safe
def door(request: MemberRequest) -> HttpResponse:
    member, lacking = acting(request.user, request.session)
    if member is None or lacking is None:
        return redirect("home")
    context = {
        "tenant": member.tenant,
        "words": policy.WORDS[lacking],
        "lacking": lacking.value,
        "sign_on": sso.start_of(member.tenant),
        "others": [one for one in memberships_of(request.user) if one.pk != member.pk],
    }
    return render(request, "tenants/door.html", context)
