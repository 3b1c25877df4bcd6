"""The door of every page (csuite/tenants/gate.py), and errors as pages or problems."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from csuite.tenants.access import memberships_of
from csuite.tenants.gate import member_required
from csuite.tenants.models import AuditEntry, Limit, Membership, Role
from csuite.tenants.problem_pages import answer, bad_request, failed, forbidden, not_found
from csuite.tenants.problems import Problem
from csuite.tenants.scope import current_scope, current_tenant_id, tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


@member_required()
def page(request: Any) -> HttpResponse:
    return HttpResponse(str(current_tenant_id()))


@member_required(Role.FINANCE, Role.ADMIN)
def figures(request: Any) -> HttpResponse:
    return HttpResponse("figures")


@member_required()
def late(request: Any) -> HttpResponse:
    """Its rows are read when the template is rendered."""
    return TemplateResponse(request, "tenants/problem.html", {"problem": AuditEntry.objects.first()})


def request_of(cast: Cast, who: str | None, path: str = "/page/", **headers: str) -> Any:
    person = getattr(cast, who) if who else None
    request = cast.client(person).get("/healthz").wsgi_request
    request.path = path
    request.META.update({f"HTTP_{name.upper()}": value for name, value in headers.items()})
    return request


def test_a_member_comes_in_and_is_in_her_tenants_scope(cast: Cast) -> None:
    assert page(request_of(cast, "bob")).content.decode() == str(cast.acme.id)
    assert page(request_of(cast, "charlie")).content.decode() == str(cast.rival.id)
    assert current_scope() is None


def test_a_stranger_is_sent_to_sign_in_and_led_back(cast: Cast) -> None:
    response = page(request_of(cast, None))
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=")


def test_a_strange_program_gets_a_problem(cast: Cast) -> None:
    request = request_of(cast, None, path="/api/v1/x")
    assert page(request).status_code == 401


def test_who_belongs_to_no_active_company_is_refused(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        page(request_of(cast, "root"))
    refused = page(request_of(cast, "root", path="/c-suite/cfo/chat"))
    assert (refused.status_code, b"suspended" in refused.content) == (403, True)


def test_roles_are_kept(cast: Cast) -> None:
    assert figures(request_of(cast, "fiona")).content == b"figures"
    assert figures(request_of(cast, "alice")).content == b"figures"
    with pytest.raises(PermissionDenied, match="role"):
        figures(request_of(cast, "bob"))
    assert figures(request_of(cast, "bob", path="/api/x")).status_code == 403


def test_a_page_that_renders_late_still_renders_in_the_scope(cast: Cast) -> None:
    with tenant_scope(cast.acme.id):
        AuditEntry.objects.create(action="shown")
    response = late(request_of(cast, "bob"))
    assert isinstance(response, TemplateResponse)
    assert response.is_rendered


@pytest.mark.parametrize("headers", [{}, JSON])
def test_every_error_is_a_page_for_people_and_a_problem_for_programs(cast: Cast, headers: dict[str, str]) -> None:
    request = RequestFactory().get("/page/", headers=headers)
    wrong = ValueError("secret detail")
    made = [
        (bad_request(request, wrong), 400),
        (forbidden(request, PermissionDenied("Your role.")), 403),
        (not_found(request, wrong), 404),
        (failed(request), 500),
        (answer(request, Problem("not_found", "Gone.")), 404),
        (answer(request, Problem("rate_limited", "Wait <b>.", retry_after=7)), 429),
    ]
    kind = "application/problem+json" if headers else "text/html; charset=utf-8"
    for response, status in made:
        assert response.status_code == status
        assert response["Content-Type"] == kind
        assert b"secret detail" not in response.content  # type: ignore[attr-defined]
    assert made[-1][0]["Retry-After"] == "7"


def test_a_missing_csrf_token_is_a_problem_for_programs(cast: Cast) -> None:
    strict = cast.client(cast.bob, enforce_csrf_checks=True)
    assert strict.post("/tenants/act/", headers=JSON).json()["code"] == "forbidden"


def test_pages_of_members_are_not_stored_anywhere(cast: Cast) -> None:
    assert "no-store" in cast.client(cast.bob).get("/profile/access/")["Cache-Control"]


def test_a_membership_holds_while_all_three_are_active(cast: Cast) -> None:
    member = cast.member(cast.bob)
    assert member.holds
    assert memberships_of(cast.bob) == [member]
    assert str(member) == "bob@acme.example in Acme"
    Membership.objects.update(is_active=False)
    assert memberships_of(cast.bob) == []
    assert not cast.member(cast.bob).holds
    assert str(Limit.objects.get(name="chat")) == "chat: 10 in 60 s"


def test_health_asks_the_database_nothing_even_for_who_is_signed_in(cast: Cast) -> None:
    browser = cast.client(cast.bob)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get("/healthz").status_code == 200
    assert len(queries) == 0


def test_the_log_names_the_person_by_id_only(cast: Cast) -> None:
    with capture_logs(processors=[merge_contextvars]) as lines:
        cast.client(cast.bob).get("/usage/")
    finished = [line for line in lines if line["event"] == "request_finished"]
    assert [line["user_id"] for line in finished] == [str(cast.bob.id)]
    assert "bob@" not in str(lines)
