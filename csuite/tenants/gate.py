"""The door of every page: signed in, member of the acting tenant, in the right role, inside its scope."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse

from csuite.tenants import policy, seen
from csuite.tenants.access import acting
from csuite.tenants.afterwards import Afterwards
from csuite.tenants.middleware import MemberRequest, give_back_connections
from csuite.tenants.models import Role, User
from csuite.tenants.problems import Problem, wants_json
from csuite.tenants.scope import tenant_scope

__all__ = ["member_required", "wants_json"]

View = TypeVar("View", bound=Callable[..., HttpResponse])


def _stranger(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        return Problem("signed_out", "Sign in first.").response()
    return redirect_to_login(request.get_full_path())


def _refused(request: HttpRequest, message: str, code: str = "forbidden") -> HttpResponse:
    if wants_json(request):
        return Problem(code, message).response()
    raise PermissionDenied(message)


def _no_member(request: MemberRequest) -> HttpResponse:
    """No company, or one that asks more of the sign-in: the door says what (csuite/tenants/door.py)."""
    lacking = acting(request.user, request.session)[1]
    if lacking is None:
        return _refused(request, "You do not belong to an active company here.", "suspended")
    if wants_json(request):
        return _refused(request, policy.WORDS[lacking])
    return redirect("door")


def member_required(*roles: Role) -> Callable[[View], View]:
    """Lets members of the acting tenant in (only those of `roles`, if any are named) and opens the tenant scope.

    Sync views only. Strangers are sent to sign in, others get 403; programs get a problem. What a view leaves for
    afterwards is done when the scope has ended.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def gated(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            person: User | AnonymousUser = request.user
            if not person.is_authenticated:
                return _stranger(request)
            if not request.member:
                return _no_member(request)
            if roles and request.member.role not in roles:
                return _refused(request, "Your role does not include this page.")
            seen.note(request.member)
            with tenant_scope(request.member.tenant_id):
                response = view(request, *args, **kwargs)
                if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
                    response.render()  # later would be outside the scope
            if isinstance(response, Afterwards):
                give_back_connections()
                return response.work()
            return response

        return gated  # type: ignore[return-value]

    return decorate
