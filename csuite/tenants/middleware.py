"""Puts the acting membership on the request and answers Problems."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers
from django.utils.functional import SimpleLazyObject

from csuite.tenants.access import acting_membership
from csuite.tenants.models import Membership
from csuite.tenants.problems import Problem

if TYPE_CHECKING:
    from csuite.tenants.models import User

    class MemberRequest(HttpRequest):
        """A request behind the gate."""

        member: Membership
        user: User
else:
    MemberRequest = HttpRequest


class MemberMiddleware:
    """`request.member` is the acting Membership, or a false value for a stranger. Tenant pages are never stored."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        def member() -> Membership | None:
            return acting_membership(request.user, request.session) if request.user.is_authenticated else None  # type: ignore[arg-type]

        request.member = SimpleLazyObject(member)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if not response.has_header("Cache-Control") and request.user.is_authenticated:
            add_never_cache_headers(response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return exception.response() if isinstance(exception, Problem) else None
