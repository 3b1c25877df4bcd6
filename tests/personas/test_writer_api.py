"""`POST /writer/…` and the same under /api/v1/."""

import json
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from csuite.analytics.models import LedgerEntry
from csuite.llm import scripted
from csuite.tenants.scope import platform_scope
from tests.conftest import Cast
from tests.personas.test_writer import EMAIL, HALDEN, LETTER, REMINDER, SUMMARY, says

pytestmark = pytest.mark.django_db(transaction=True)


async def post(cast: Cast, where: str, body: Any, who: str = "bob") -> Any:
    client = AsyncClient()
    await client.aforce_login(getattr(cast, who))
    return await client.post(where, json.dumps(body), content_type="application/json")


@sync_to_async
def ledger() -> list[LedgerEntry]:
    with platform_scope("test"):
        return list(LedgerEntry.objects.order_by("started_at"))


@pytest.mark.parametrize("root", ["/writer", "/api/v1/writer"])
async def test_a_program_gets_a_letter_and_it_is_booked_and_counted(cast: Cast, root: str) -> None:
    with scripted.answers(says(**LETTER)):
        response = await post(cast, f"{root}/draft-email", EMAIL.model_dump(mode="json"))
    assert response.status_code == 200, response.content
    assert response.json()["subject"] == LETTER["subject"]
    (row,) = await ledger()
    assert (row.tenant_id, row.user, row.kind, row.task) == (cast.acme.id, cast.bob.id, "writer", "draft")
    assert (row.prompt_version, row.cost) == ("email.followup.v1", Decimal(0))
    client = AsyncClient()
    await client.aforce_login(cast.bob)
    standing = {one["name"]: one["used"] for one in (await client.get("/api/v1/limits")).json()}
    assert (standing["chat"], standing["api"]) == (1, 2)


@pytest.mark.parametrize(
    ("path", "body", "form"),
    [
        ("draft-reminder", REMINDER.model_dump(mode="json"), {"short": "a", "long": "b"}),
        ("summarize-deal", HALDEN.model_dump(mode="json"), SUMMARY),
        ("summarize-deals", {"deals": [HALDEN.model_dump(mode="json")] * 3}, SUMMARY),
        ("compliance", {"deal": {"title": "x"}, "requirements": ["Order"]}, {"status": "unclear"}),
        ("order-received", {"title": "x"}, {}),
        ("summarize-notes", {"notes": [{"text": "x"}]}, {"summary": "x"}),
    ],
)
async def test_each_function_has_an_address(cast: Cast, path: str, body: Any, form: dict[str, Any]) -> None:
    with scripted.answers(says(**{"confidence": 0.8, **form})):
        response = await post(cast, f"/writer/{path}", body)
    assert response.status_code == 200, response.content
    found = response.json().get("summaries", [response.json()])
    assert {one["confidence"] for one in found} == {0.8}


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"recipients": [], "intent": "x"},
        {"recipients": ["a"], "intent": ""},
        {"recipients": ["a"], "intent": "x" * 5000},
        {"recipients": ["a"], "intent": "a\0b"},
        {"recipients": ["a"], "intent": "x", "language": "tlh"},
        {"recipients": ["a"], "intent": "x", "base_url": "http://evil"},
        {"recipients": ["a"], "intent": "x", "deals": [{"title": "x"}] * 21},
    ],
)
async def test_a_bad_body_is_a_problem_and_asks_nobody(cast: Cast, body: Any) -> None:
    with scripted.answers(says(**LETTER)) as play:
        response = await post(cast, "/writer/draft-email", body)
    assert response.status_code == 400
    assert response.json()["code"] == "bad_frame"
    assert play.calls == []
