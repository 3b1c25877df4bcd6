"""The root of the API (csuite/tenants/api.py) and the middleware for programs."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.test import Client, RequestFactory
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from ninja.testing import TestClient

from csuite.tenants import api as api_module
from csuite.tenants.api import api, in_scope, members
from csuite.tenants.middleware import MemberMiddleware
from csuite.tenants.models import AuditEntry, Limit, Role, Tenant
from csuite.tenants.problems import STATUS, Problem
from csuite.tenants.scope import ScopeError, current_tenant_id, tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
LIMITS = "/api/v1/limits"


class Body(Schema):
    amount: int


def handler(exc: type[Exception]) -> Any:
    return api._exception_handlers[exc]


def tried(view: Any, cast: Cast, user: str = "bob", *, roles: tuple[Role, ...] = (), body: Any = None) -> Any:
    """Calls an operation of a throw-away API that is put together as ours."""
    one = NinjaAPI(urls_namespace="tried", auth=members(*roles))
    one.add_decorator(in_scope, mode="view")
    for kind in (Problem, ValidationError, HttpError, Http404, Exception):
        one.add_exception_handler(kind, handler(kind))
    one.post("/x")(view)
    person = getattr(cast, user)
    client = TestClient(one)
    return client.post("/x", json=body, user=person, member=cast.member(person), COOKIES={})


def test_limits_tell_where_one_stands(cast: Cast) -> None:
    response = cast.client(cast.bob).get(LIMITS)
    assert response.status_code == 200
    standing = {row["name"]: row for row in response.json()}
    assert standing["chat"]["limit"] == 10
    assert standing["chat"]["remaining"] == 10
    assert standing["api"]["used"] == 1
    assert standing["api"]["window"] == 900
    assert 0 < standing["api"]["reset"] <= 900
    assert response["RateLimit-Remaining"] == "99"


def test_over_the_limit_is_a_problem_with_headers_and_other_tenants_go_on(cast: Cast) -> None:
    Limit.objects.create(name="api", tenant=cast.acme, amount=2, seconds=86_400)
    browser = cast.client(cast.bob)
    assert [browser.get(LIMITS).status_code for _ in range(2)] == [200, 200]
    refused = cast.client(cast.alice).get(LIMITS)
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"
    assert refused["Retry-After"] == refused["RateLimit-Reset"]
    assert refused.json()["code"] == "rate_limited"
    assert refused.json()["retry_after"] == int(refused["Retry-After"])
    assert cast.client(cast.charlie).get(LIMITS).status_code == 200


def test_strangers_share_the_limit_of_their_address(cast: Cast) -> None:
    Limit.objects.filter(name="api").update(amount=3, seconds=86_400)
    claimed = [Client().get(LIMITS, headers={"X-Forwarded-For": f"10.1.1.{n}"}).status_code for n in range(5)]
    assert claimed == [401, 401, 401, 429, 429]
    assert Client(REMOTE_ADDR="10.9.9.9").get(LIMITS).status_code == 401
    assert cast.client(cast.bob).get(LIMITS).status_code == 200


def test_health_and_pages_have_no_api_limit(cast: Cast) -> None:
    Limit.objects.filter(name="api").update(amount=0)
    assert Client().get("/healthz").status_code == 200
    assert cast.client(cast.bob).get("/profile/access/").status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/", "/c-suite/nothing/at/all", "/api/v1/"])
def test_no_address_of_programs_answers_with_a_page(cast: Cast, path: str) -> None:
    for client in (Client(), cast.client(cast.bob)):
        response = client.get(path)
        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["code"] == "not_found"


def test_the_description_is_there_and_loads_nothing_from_outside() -> None:
    described = Client().get("/api/v1/openapi.json").json()
    assert "/api/v1/limits" in described["paths"]
    html = Client().get("/api/v1/docs").content.decode()
    assert "https://" not in html.replace("https://127.0.0.1", "")
    assert "<script>" not in html


def test_sessions_need_the_csrf_token_to_change_anything(cast: Cast) -> None:
    one = NinjaAPI(urls_namespace="csrf", auth=members())
    for kind in (Problem, HttpError):
        one.add_exception_handler(kind, handler(kind))
    one.post("/x")(lambda request: {})
    person = cast.bob
    request: Any = RequestFactory(enforce_csrf_checks=True).post("/x", "{}", content_type="application/json")
    request.user, request.member, request.session = person, cast.member(person), {}
    request._dont_enforce_csrf_checks = False
    operation = one._routers[0][1].path_operations["/x"].operations[0]
    session = next(auth for auth in members() if isinstance(auth, api_module.Session))
    assert operation is not None
    with pytest.raises(HttpError):
        session(request)
    request._dont_enforce_csrf_checks = True
    assert session(request) == cast.member(person)


def test_an_operation_runs_in_its_members_scope(cast: Cast) -> None:
    def view(request: HttpRequest) -> dict[str, str]:
        return {"tenant": str(current_tenant_id())}

    assert tried(view, cast).json() == {"tenant": str(cast.acme.id)}
    assert tried(view, cast, "charlie").json() == {"tenant": str(cast.rival.id)}


def test_rows_may_be_read_as_late_as_the_serialization(cast: Cast) -> None:
    with tenant_scope(cast.acme.id):
        AuditEntry.objects.create(action="a")

    def view(request: HttpRequest) -> Any:
        return list(AuditEntry.objects.values_list("action", flat=True))

    assert tried(view, cast).json() == ["a"]


def test_roles_are_kept(cast: Cast) -> None:
    def view(request: HttpRequest) -> dict[str, str]:
        return {}

    assert tried(view, cast, "fiona", roles=(Role.FINANCE,)).status_code == 200
    refused = tried(view, cast, "bob", roles=(Role.FINANCE,))
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (Problem("id_reused", "Used."), 409, "id_reused"),
        (Http404("which one"), 404, "not_found"),
        (HttpError(413, "Long."), 413, "too_long"),
        (HttpError(418, "Tea."), 500, "internal"),
        (RuntimeError("secret detail"), 500, "internal"),
        (ScopeError("a bug"), 500, "internal"),
    ],
)
def test_an_error_is_a_problem_and_leaves_nothing_behind(cast: Cast, raised: Exception, status: int, code: str) -> None:
    def view(request: HttpRequest) -> None:
        AuditEntry.objects.create(action="half done")
        raise raised

    answer = tried(view, cast)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert "secret detail" not in answer.content.decode()
    assert "which one" not in answer.content.decode()
    with tenant_scope(cast.acme.id):
        assert not AuditEntry.objects.exists()


def test_a_body_that_is_not_valid_is_bad_frame_and_names_the_fields(cast: Cast) -> None:
    def view(request: HttpRequest, body: Body) -> dict[str, str]:
        return {}

    view.__annotations__ = {"request": HttpRequest, "body": Body}
    answer = tried(view, cast, body={"amount": "secret word"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_frame")
    assert "amount" in answer.json()["detail"]
    assert "secret word" not in answer.content.decode()


def test_all_codes_have_the_status_of_the_contract() -> None:
    assert STATUS == {
        "bad_frame": 400,
        "signed_out": 401,
        "budget_exceeded": 402,
        "forbidden": 403,
        "suspended": 403,
        "not_found": 404,
        "id_reused": 409,
        "too_long": 413,
        "rate_limited": 429,
        "queue_full": 429,
        "internal": 500,
        "provider_unavailable": 503,
    }


def test_a_problem_is_a_frame_as_well() -> None:
    frame = Problem("queue_full", "Wait.", retry_after=3).frame("7")
    assert frame == {"type": "error", "code": "queue_full", "message": "Wait.", "retry_after": 3, "id": "7"}


def test_a_streamed_answer_holds_no_connection_while_it_streams(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []

    def get_response(request: Any) -> StreamingHttpResponse:
        Tenant.objects.count()
        return StreamingHttpResponse(iter([b"x"]))

    class Watched:
        in_atomic_block = False

        def close(self) -> None:
            closed.append(True)

    request = RequestFactory().get("/")
    request.user, request.session = cast.bob, cast.client(cast.bob).session
    every = SimpleNamespace(all=lambda initialized_only: [Watched(), connection])
    monkeypatch.setattr("csuite.tenants.middleware.connections", every)
    MemberMiddleware(get_response)(request)
    assert closed == [True]
    assert Tenant.objects.count() >= 2


def test_a_value_that_cannot_be_stored_is_the_senders_mistake(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> None:
        Tenant.objects.filter(name="a\x00b").exists()

    monkeypatch.setattr("csuite.tenants.views.memberships_of", broken)
    browser = cast.client(cast.bob)
    assert browser.get("/profile/access/").status_code == 400
    program = browser.get("/profile/access/", headers={"Accept": "application/json"})
    assert program.json()["code"] == "bad_frame"
