"""`POST /api/v1/llm/completion` and `/chat`."""

import asyncio
import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test import AsyncClient

from csuite.analytics.models import LedgerEntry
from csuite.llm import scripted
from csuite.llm.usage import Usage
from csuite.tenants.db import in_db
from csuite.tenants.models import Limit
from csuite.tenants.scope import platform_scope
from tests.analytics.money import budget, priced
from tests.conftest import Cast

COMPLETION, CHAT = "/api/v1/llm/completion", "/api/v1/llm/chat"
PROMPT = {"prompt": "Why did margin fall?"}
SAID = scripted.Answer("Margin fell.", usage=Usage(prompt=12, completion=3), finish_reason="stop")


async def post(cast: Cast, where: str, body: Any, who: str = "bob", **more: Any) -> Any:
    client = AsyncClient()
    await client.aforce_login(getattr(cast, who))
    sent = body if isinstance(body, str | bytes) else json.dumps(body)
    return await client.post(where, sent, **{"content_type": "application/json", **more})


def asked(text: str = "Why did margin fall?", **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], **more}


async def events_of(response: Any) -> list[tuple[str, dict[str, Any]]]:
    assert response["Content-Type"] == "text/event-stream"
    text = b"".join([piece async for piece in response.streaming_content]).decode()
    parts = [block.split("\n") for block in text.split("\n\n") if block]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in parts]


@sync_to_async
def ledger() -> list[LedgerEntry]:
    with platform_scope("test"):
        return list(LedgerEntry.objects.order_by("started_at"))


@pytest.mark.django_db(transaction=True)
async def test_a_completion_says_who_wrote_it_and_what_it_cost(cast: Cast) -> None:
    with scripted.answers(SAID) as play:
        response = await post(cast, COMPLETION, {**PROMPT, "system": "Be short.", "task": "summarize"})
    assert response.status_code == 200
    body = response.json()
    assert body["text"] == "Margin fell."
    assert (body["provider"], body["model"], body["note"], body["finish_reason"]) == (
        "scripted",
        "scripted",
        None,
        "stop",
    )
    assert body["usage"] == {
        "prompt": 12, "completion": 3, "cached": None, "reasoning": None,
        "cost": "0", "currency": "USD", "estimated": False, "cache": "off",
    }  # fmt: skip
    call = play.calls[0]
    assert [(m.role, m.text) for m in call.messages] == [("system", "Be short."), ("user", "Why did margin fall?")]
    assert call.task == "summarize"


@pytest.mark.django_db(transaction=True)
async def test_a_call_is_booked_to_the_member_and_counts_as_a_question(cast: Cast) -> None:
    with scripted.answers(SAID):
        await post(cast, COMPLETION, PROMPT)
        await post(cast, CHAT, asked())
    rows = await ledger()
    assert {(row.tenant_id, row.user, row.kind) for row in rows} == {(cast.acme.id, cast.bob.id, "api")}
    assert len(rows) == 2
    client = AsyncClient()
    await client.aforce_login(cast.bob)
    standing = {row["name"]: row["used"] for row in (await client.get("/api/v1/limits")).json()}
    assert (standing["chat"], standing["user_minute"], standing["api"]) == (2, 2, 3)


@pytest.mark.django_db(transaction=True)
async def test_the_eleventh_question_is_refused_with_headers_and_asks_nobody(cast: Cast) -> None:
    await Limit.objects.acreate(name="chat", tenant=cast.acme, amount=1, seconds=86_400)
    with scripted.answers(SAID) as play:
        assert (await post(cast, COMPLETION, PROMPT)).status_code == 200
        refused = await post(cast, CHAT, asked(stream=True), who="alice")
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "rate_limited"
    assert refused["Retry-After"] == refused["RateLimit-Reset"]
    assert refused["RateLimit-Limit"] == "1"
    assert "try again in" in refused.json()["detail"]
    assert len(play.calls) == 1


@pytest.mark.django_db(transaction=True)
async def test_a_stream_is_start_chunks_and_done(cast: Cast) -> None:
    with scripted.answers(SAID):
        response = await post(cast, CHAT, asked(stream=True))
        events = await events_of(response)
    assert events[0] == ("start", {"provider": "scripted", "model": "scripted", "note": None})
    assert "".join(body["content"] for name, body in events if name == "chunk") == "Margin fell."
    name, done = events[-1]
    assert (name, done["status"], done["usage"]["completion"]) == ("done", "complete", 3)


@pytest.mark.django_db(transaction=True)
async def test_what_fails_before_the_first_word_is_a_problem_with_its_status(cast: Cast) -> None:
    refusing = scripted.Answer(error="rate_limit", retry_after=90_000.0)
    for body in (asked(), asked(stream=True)):
        with scripted.answers(refusing):
            response = await post(cast, CHAT, body)
        assert response.status_code == 503
        assert response.json()["code"] == "provider_unavailable"
        assert response["Retry-After"] == "3600"


@pytest.mark.django_db(transaction=True)
async def test_an_answer_that_breaks_off_ends_with_an_error_event(cast: Cast) -> None:
    with scripted.answers(scripted.Answer("Margin fell by two points.", cut=True, after=2)):
        events = await events_of(await post(cast, CHAT, asked(stream=True)))
    assert [name for name, _ in events] == ["start", "chunk", "chunk", "error"]
    assert events[-1][1]["code"] == "provider_unavailable"
    assert {row.error_kind for row in await ledger()} == {"midstream"}


@pytest.mark.django_db(transaction=True)
async def test_json_is_given_where_a_schema_was_sent_and_prose_is_an_error(cast: Cast) -> None:
    schema = {"type": "object", "properties": {"fell": {"type": "boolean"}}, "required": ["fell"]}
    with scripted.answers('```json\n{"fell": true}\n```') as play:
        body = (await post(cast, COMPLETION, {**PROMPT, "schema": schema})).json()
    assert body["json"] == {"fell": True}
    assert play.calls[0].schema == schema
    with scripted.answers("It fell."):
        response = await post(cast, COMPLETION, {**PROMPT, "schema": schema})
    assert (response.status_code, response.json()["code"]) == (500, "internal")


@pytest.mark.django_db(transaction=True)
async def test_json_that_does_not_fit_its_schema_is_an_error(cast: Cast) -> None:
    with scripted.answers('{"fell": "yes"}'):
        body = {**PROMPT, "schema": {"properties": {"fell": {"type": "boolean"}}}}
        assert (await post(cast, COMPLETION, body)).status_code == 500


@pytest.mark.django_db(transaction=True)
async def test_a_budget_that_is_used_up_is_a_problem_and_asks_nobody(cast: Cast) -> None:
    await sync_to_async(priced)("scripted", "scripted")
    await sync_to_async(budget)(cast.acme.id, "0")
    for body in (asked(), asked(stream=True)):
        with scripted.answers(SAID) as play:
            response = await post(cast, CHAT, body)
        assert (response.status_code, response.json()["code"]) == (402, "budget_exceeded")
        assert response["Retry-After"]
        assert not play.calls


@pytest.mark.django_db(transaction=True)
async def test_an_answer_has_at_most_so_many_tokens(cast: Cast) -> None:
    with scripted.answers(SAID) as play:
        await post(cast, COMPLETION, {**PROMPT, "max_tokens": 1_000_000})
    assert play.calls[0].max_tokens == 4096


@pytest.mark.django_db(transaction=True)
async def test_images_pass_as_data_and_never_as_addresses(cast: Cast) -> None:
    def message(url: str) -> dict[str, Any]:
        parts = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": url}}]
        return {"messages": [{"role": "user", "content": parts}]}

    good = "data:image/png;base64,iVBORw0KGgo="
    with scripted.answers(SAID) as play:
        assert (await post(cast, CHAT, message(good))).status_code == 200
        sent = play.calls[0].messages[0].content
        assert isinstance(sent, tuple)
        assert sent[1]["image_url"] == {"url": good}
        for bad in (
            "https://elsewhere.example/x.png",
            "http://127.0.0.1/",
            "file:///etc/passwd",
            "data:text/html;base64,YQ==",
        ):
            assert (await post(cast, CHAT, message(bad))).status_code == 400
    assert len(play.calls) == 1


@pytest.mark.django_db(transaction=True)
async def test_no_transaction_and_no_connection_waits_with_the_model(cast: Cast) -> None:
    seen: list[tuple[int, int]] = []
    go_on = asyncio.Event()

    def others() -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), count(*) FILTER (WHERE state LIKE 'idle in transaction%%') FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            row = cursor.fetchone()
            assert row is not None
            return row[0], row[1]

    with scripted.answers(scripted.Answer(pieces=["Mar", go_on, "gin"])) as play:
        asking = asyncio.create_task(post(cast, COMPLETION, PROMPT))
        while not play.calls:
            await asyncio.sleep(0.01)
        seen.append(await in_db(others))
        go_on.set()
        assert (await asking).json()["text"] == "Margin"
    assert seen == [(0, 0)]


WRONG: list[Any] = [
    "", "null", "[]", "{", '"text"', "{}", {"prompt": None}, {"prompt": 5}, {"prompt": ""}, {"prompt": "a\u0000b"},
    {**PROMPT, "max_tokens": 0}, {**PROMPT, "max_tokens": "5"}, {**PROMPT, "temperature": 3},
    '{"prompt": "x", "temperature": NaN}', {**PROMPT, "task": "hack"}, {**PROMPT, "tier": "platinum"},
    {**PROMPT, "schema": "x"}, {**PROMPT, "schema": {"type": "nonsense"}}, {**PROMPT, "schema": {"$ref": "http://a.example/"}},
    "x" * 2_000_000, "[" * 100_000, b"\xff\xfe",
]  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("body", WRONG, ids=lambda body: repr(body)[:30])
async def test_a_body_that_is_wrong_is_a_problem_and_asks_nobody(cast: Cast, body: Any) -> None:
    with scripted.answers(SAID) as play:
        response = await post(cast, COMPLETION, body)
    assert response.status_code == 400
    assert response.json()["code"] == "bad_frame"
    assert not play.calls


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "body",
    [
        {"messages": []},
        {"messages": [{"role": "tool", "content": "x"}]},
        {"messages": [{"role": "system", "content": "x"}]},
        {"messages": [{"role": "user", "content": []}]},
        {"messages": [{"role": "user", "content": "x", "name": "y"}]},
        {"messages": [{"role": "user", "content": "x"}] * 201},
        {"messages": [{"role": "user", "content": "x"}], "stream": True, "schema": {}},
        {"messages": [{"role": "user", "content": "x"}], "stream": "yes"},
    ],
)
async def test_messages_that_are_wrong_are_a_problem(cast: Cast, body: Any) -> None:
    with scripted.answers(SAID) as play:
        assert (await post(cast, CHAT, body)).status_code == 400
    assert not play.calls


@pytest.mark.django_db(transaction=True)
async def test_other_content_types_are_refused(cast: Cast) -> None:
    response = await post(cast, COMPLETION, json.dumps(PROMPT), content_type="text/plain")
    assert response.status_code == 400


@pytest.mark.django_db(transaction=True)
async def test_without_a_model_the_analyst_says_so(cast: Cast) -> None:
    with scripted.answers(SAID, ANALYST="csuite.personas.analyst.Analyst", PRIMARY="analyst"):
        body = (await post(cast, COMPLETION, PROMPT)).json()
    assert body["provider"] == "analyst"
    assert "No language model was used" in body["note"]


@pytest.mark.django_db
def test_the_description_names_fields_and_answers(client: Any) -> None:
    described = client.get("/api/v1/openapi.json").json()
    completion = described["paths"]["/api/v1/llm/completion"]["post"]
    name = completion["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    shape = described["components"]["schemas"][name]
    assert shape["additionalProperties"] is False
    assert set(shape["properties"]) == {"task", "tier", "max_tokens", "temperature", "schema", "prompt", "system"}
    assert {"200", "400", "402", "429", "503"} <= completion["responses"].keys()
    assert "text/event-stream" in described["paths"]["/api/v1/llm/chat"]["post"]["responses"]["200"]["content"]
