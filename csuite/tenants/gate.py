"""The door of every page: signed in, member of the acting tenant, in the right role, inside its scope."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from csuite.tenants.middleware import MemberRequest
from csuite.tenants.models import Role
from csuite.tenants.problems import Problem
from csuite.tenants.scope import tenant_scope

View = TypeVar("View", bound=Callable[..., HttpResponse])


def wants_json(request: HttpRequest) -> bool:
    """A program asked: it gets a problem, not a page."""
    return (
        request.path.startswith("/api/")
        or request.content_type == "application/json"
        or (request.headers.get("Accept", "").startswith("application/json"))
    )


def _stranger(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        return Problem("signed_out", "Sign in first.").response()
    return redirect_to_login(request.get_full_path())


def _refused(request: HttpRequest, message: str, code: str = "forbidden") -> HttpResponse:
    if wants_json(request):
        return Problem(code, message).response()
    raise PermissionDenied(message)


def member_required(*roles: Role) -> Callable[[View], View]:
    """Lets members of the acting tenant in (only those of `roles`, if any are named) and opens the tenant scope.

    Sync views only. Strangers are sent to sign in, others get 403; programs get a problem.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def gated(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _stranger(request)
            if not request.member:
                return _refused(request, "You do not belong to an active company here.", "suspended")
            if roles and request.member.role not in roles:
                return _refused(request, "Your role does not include this page.")
            with tenant_scope(request.member.tenant_id):
                return view(request, *args, **kwargs)

        return gated  # type: ignore[return-value]

    return decorate
