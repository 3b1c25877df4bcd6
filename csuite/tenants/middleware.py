"""Who acts: the acting membership on every request, bearer tokens and limits for programs, Problems as answers."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog
from django.db import DataError, connections
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django.utils.functional import SimpleLazyObject

from csuite.tenants import limits, streams, tokens
from csuite.tenants.access import acting_membership
from csuite.tenants.models import ApiToken, Membership
from csuite.tenants.problem_pages import answer
from csuite.tenants.problems import FOR_PROGRAMS, Problem

if TYPE_CHECKING:
    from csuite.tenants.models import User

    class MemberRequest(HttpRequest):
        """A request behind the gate."""

        member: Membership
        token: ApiToken | None
        user: User
else:
    MemberRequest = HttpRequest

log = structlog.get_logger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponseBase]


class MemberMiddleware:
    """`request.member` is the acting Membership, or a false value for a stranger. Tenant pages are never stored."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        def member() -> Membership | None:
            if not request.user.is_authenticated:
                return None
            structlog.contextvars.bind_contextvars(user_id=str(request.user.pk))
            return acting_membership(request.user, request.session)

        request.member = SimpleLazyObject(member)  # type: ignore[attr-defined]
        request.token = None  # type: ignore[attr-defined]
        response = self.get_response(request)
        # Who never asked for the session cannot have shown anybody's data, and health must answer without a database.
        if request.session.accessed and not response.has_header("Cache-Control") and request.user.is_authenticated:
            add_never_cache_headers(response)
        if response.streaming:
            streams.guard(request, response)
            give_back_connections()
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, DataError):
            # A value that PostgreSQL cannot hold (NUL in a text, a number out of range) is the sender's mistake.
            log.warning("unstorable_value", path=request.path, error=type(exception.__cause__).__name__)
            exception = Problem("bad_frame", "The request holds a value that cannot be stored.")
        return answer(request, exception) if isinstance(exception, Problem) else None


def give_back_connections() -> None:
    """An answer may stream for minutes: without this each one would hold a connection of the pool until it ends."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


class ApiMiddleware:
    """For programs: reads the bearer token, takes one from the API limit, says on every answer where one stands.

    The membership is looked up here and now, so that async views behind it may read it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(FOR_PROGRAMS):
            return self.get_response(request)
        refused = self._read_token(request)
        usage = limits.take_api(request)
        if usage.exceeded:
            response: HttpResponseBase = usage.problem().response()
        elif refused is not None:
            response = refused.response()
        else:
            response = self.get_response(request)
        for name, value in usage.headers().items():
            response.headers.setdefault(name, value)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response

    def _read_token(self, request: HttpRequest) -> Problem | None:
        """A credential that is shown must hold: a bad token never falls back to the session."""
        if not request.headers.get("Authorization"):
            bool(request.member)  # type: ignore[attr-defined]
            return None
        try:
            token = tokens.token_of_request(request)
        except Problem as problem:
            request.member = None  # type: ignore[attr-defined]
            return problem
        request.token, request.member = token, token.membership  # type: ignore[attr-defined]
        request.user = token.membership.user
        structlog.contextvars.bind_contextvars(user_id=str(request.user.pk))
        # No browser sends a bearer token by itself, so there is nothing to forge.
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        return None
