"""Switching between companies, and one's access: memberships and tokens."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from csuite.tenants import tokens
from csuite.tenants.access import ACTING_TENANT, membership_of, memberships_of
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.problems import Problem


@login_required
@require_POST
def act(request: MemberRequest) -> HttpResponse:
    """Acts for another of one's own companies from now on; any other id does not exist."""
    try:
        wanted = membership_of(request.user, UUID(request.POST.get("tenant", "")))
    except ValueError:
        wanted = None
    if wanted is None:
        raise Problem("not_found", "There is no such company.")
    request.session[ACTING_TENANT] = str(wanted.tenant_id)
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return redirect(target if safe else "home")


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def access(request: MemberRequest) -> HttpResponse:
    """One's companies and tokens. A POST makes a token for the acting company; it is shown in that answer only."""
    secret, problem = "", None
    if request.method == "POST":
        try:
            secret = tokens.make(tokens.member_of_request(request), request.POST.get("name", ""))[1]
        except Problem as refused:
            problem = refused
    context = {
        "memberships": memberships_of(request.user),
        "tokens": tokens.tokens_of(request.user),
        "secret": secret,
        "problem": problem,
    }
    return render(request, "tenants/access.html", context, status=problem.status if problem else 200)


@login_required
@require_POST
def revoke_token(request: HttpRequest, token: UUID) -> HttpResponse:
    tokens.revoke(request.user, token)  # type: ignore[arg-type]
    return redirect("access")
