"""`/api/v1/deals`: what programs store and read, once however often they send it."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from csuite.deals.models import Change, Deal, Pipeline, Stage
from csuite.tenants import tokens
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
BODY = {"title": "Meters", "stage": "Quoted", "customer": "Halden Process", "owner": "P. Nair", "value": "1200.50",
        "stage_since": "2026-11-01"}  # fmt: skip


@pytest.fixture
def program(cast: Cast) -> Any:
    with tenant_scope(cast.acme.pk):
        home = Pipeline.objects.create(name="Sales")
        Stage.objects.create(pipeline=home, name="Quoted")
        Stage.objects.create(pipeline=home, name="Won", kind="won", position=9)
    secret = tokens.make(cast.member(cast.bob), "Report")[1]
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def call(method: str, path: str, body: Any = None) -> Any:
        sent = {"data": body, "content_type": "application/json"} if body is not None else {}
        return getattr(client, method)(f"/api/v1/deals{path}", **sent)

    return call


def test_the_same_again_changes_nothing(program: Any, cast: Cast) -> None:
    first, second = program("put", "/D-1", BODY).json(), program("put", "/D-1", BODY).json()
    assert first == second
    assert (first["value"], first["owner"], first["version"], first["stage_since"]) == (
        "1200.50", "P. Nair", 1, "2026-11-01",
    )  # fmt: skip
    with tenant_scope(cast.acme.pk):
        assert (Deal.objects.count(), Change.objects.count()) == (1, 1)
    assert program("get", "/D-1").json() == first
    assert [deal["reference"] for deal in program("get", "?kind=open").json()["deals"]] == ["D-1"]
    assert program("get", "?after=D-1").json() == {"deals": [], "next": None}


def test_a_program_that_read_an_older_version_is_refused(program: Any) -> None:
    program("put", "/D-1", BODY)
    assert program("put", "/D-1", {**BODY, "version": 1, "value": "5"}).json()["version"] == 2
    late = program("put", "/D-1", {**BODY, "version": 1, "value": "6"})
    assert (late.status_code, late.json()["code"]) == (409, "id_reused")
    assert program("get", "/D-1").json()["value"] == "5.00"


def test_won_closes_the_deal_on_its_day(program: Any, cast: Cast) -> None:
    program("put", "/D-1", BODY)
    won = program("put", "/D-1", {**BODY, "stage": "Won", "stage_since": "2026-11-18"}).json()
    assert (won["kind"], won["closed_on"]) == ("won", "2026-11-18")
    with tenant_scope(cast.acme.pk):
        assert [e.entered_on for e in Deal.objects.get().entries.all()] == [date(2026, 11, 1), date(2026, 11, 18)]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/D-1", {**BODY, "stage": "Nowhere"}, 400),
        ("/D-1", {**BODY, "value": "-1"}, 400),
        ("/D-1", {**BODY, "value": "1.005"}, 400),
        ("/D-1", {**BODY, "stage_since": "2126-11-01"}, 400),
        ("/D-1", {**BODY, "vlaue": "1"}, 400),
        ("/D-1", {**BODY, "title": "a\0b"}, 400),
        ("/" + "x" * 41, BODY, 400),
    ],
)
def test_what_cannot_be_is_refused_whole(program: Any, cast: Cast, path: str, body: Any, status: int) -> None:
    assert program("put", path, body).status_code == status
    with tenant_scope(cast.acme.pk):
        assert not Deal.objects.exists()
