"""The root of /api/v1/. Other packages write routers; csuite/urls.py puts them on `api`.

An operation runs behind a bearer token or a session with CSRF, in the acting tenant's scope; `request.member` acts.
What it refuses or fails to do is a problem (application/problem+json) and leaves nothing in the database.
"""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.security import APIKeyCookie, HttpBearer

from csuite.tenants import limits
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.models import Membership, Role
from csuite.tenants.problems import STATUS, Problem
from csuite.tenants.scope import tenant_scope
from csuite.tenants.tokens import member_of_request

log = structlog.get_logger(__name__)


def _allowed(request: HttpRequest, roles: tuple[Role, ...]) -> Membership:
    member = member_of_request(request)
    if roles and member.role not in roles:
        raise Problem("forbidden", "Your role does not include this.")
    return member


class Bearer(HttpBearer):
    """A token; the middleware has looked it up and turned a bad one away."""

    def __init__(self, *roles: Role) -> None:
        super().__init__()
        self.roles = roles

    def authenticate(self, request: HttpRequest, token: str) -> Membership:
        return _allowed(request, self.roles)


class Session(APIKeyCookie):
    """The browser's session; ninja checks CSRF before this is asked."""

    def __init__(self, *roles: Role) -> None:
        self.param_name = settings.SESSION_COOKIE_NAME
        super().__init__()
        self.roles = roles

    def authenticate(self, request: HttpRequest, key: str | None) -> Membership:
        return _allowed(request, self.roles)


def members(*roles: Role) -> list[Any]:
    """For `auth=` of an operation or router: members of these roles, or of any."""
    return [Bearer(*roles), Session(*roles)]


def in_scope(run: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The whole operation, its serialization too, in the member's scope; an answer that is an error rolls back.

    An async operation waits for others, and no transaction may wait with it: it opens its scopes itself (in_db).
    """
    if inspect.iscoroutinefunction(run):
        return run  # type: ignore[return-value]

    @functools.wraps(run)
    def scoped(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.member:
            return run(request, *args, **kwargs)
        with tenant_scope(request.member.tenant_id):
            response = run(request, *args, **kwargs)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            return response

    return scoped


def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem.response()


def _not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Names the fields, never repeats what was sent."""
    where = sorted({".".join(str(part) for part in one["loc"][1:]) or "the body" for one in error.errors})
    return Problem("bad_frame", f"Not valid: {', '.join(where)[:500]}.").response()


def _too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return Problem("bad_frame", "The body is too large.").response()


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    code = next((code for code, status in STATUS.items() if status == error.status_code), "internal")
    return Problem(code, str(error)).response()


def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return Problem("not_found", "There is no such thing.").response()


def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    log.exception("api_failed", path=request.path)
    return Problem("internal", "Something went wrong on our side.").response()


HANDLERS: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
    Problem: _problem,
    ValidationError: _not_valid,
    RequestDataTooBig: _too_big,
    HttpError: _http_error,
    Http404: _not_found,
    Exception: _failed,
}


class Api(NinjaAPI):
    """Its description is worked out once in a process: that takes a quarter of a second."""

    @functools.cache  # noqa: B019  an API lives as long as its process
    def _described(self, path_prefix: str) -> OpenAPISchema:
        return super().get_openapi_schema(path_prefix=path_prefix)

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        return self._described(self.get_root_path(path_params or {}) if path_prefix is None else path_prefix)


def made(**settings: Any) -> NinjaAPI:
    """An API that lets members in and answers with problems."""
    found = Api(title="csuite", version="1", auth=members(), **settings)
    found.add_decorator(in_scope, mode="view")
    for kind, handler in HANDLERS.items():
        found.add_exception_handler(kind, handler)
    return found


api = made(urls_namespace="api")
# Addresses that stand outside /api/v1/ by contract (/writer/…); described there, where they are as well.
outside = made(urls_namespace="outside", docs_url=None, openapi_url=None)


class LimitOut(Schema):
    name: str
    limit: int
    used: int
    remaining: int
    reset: int  # seconds until the window ends
    window: int  # its length in seconds


def standing_of(usages: Iterable[limits.Usage]) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "limit": one.limit,
            "used": min(one.used, one.limit),
            "remaining": one.remaining,
            "reset": one.reset,
            "window": one.seconds,
        }
        for one in usages
    ]


@api.get("/limits", response=list[LimitOut], tags=["limits"], url_name="limits")
def limits_now(request: MemberRequest) -> list[dict[str, Any]]:
    """Where your company and you stand; asking costs one request of `api` and nothing else."""
    return standing_of(limits.standing(request.member))
