"""`POST /c-suite/<persona>/chat`: an answer for programs, as server-sent events."""

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from httpx import AsyncClient, Response

from csuite.tenants import tokens
from tests.conversations.processes import Pair, Person, answer, bob, left, pair

__all__ = ["bob", "pair"]

Event = tuple[str, dict[str, Any]]


async def token_of(person: Person) -> str:
    _, secret = await sync_to_async(tokens.make)(person.member, "a program")
    return secret


@asynccontextmanager
async def posted(pair: Pair, person: Person, persona: str = "cfo", **more: Any) -> AsyncIterator[Response]:
    headers = {"Authorization": f"Bearer {await token_of(person)}", **more.pop("headers", {})}
    body = more.pop("json", {"message": "Why did gross margin fall?"})
    async with (
        AsyncClient(base_url=more.pop("url", pair.one.url)) as client,
        client.stream("POST", f"/c-suite/{persona}/chat", headers=headers, json=body, **more) as reply,
    ):
        yield reply


async def events_of(reply: Response) -> list[Event]:
    assert reply.headers["content-type"] == "text/event-stream"
    found: list[Event] = []
    async for line in reply.aiter_lines():
        if line.startswith("event: "):
            found.append((line[7:], {}))
        elif line.startswith("data: "):
            found[-1] = (found[-1][0], json.loads(line[6:]))
    return found


async def ask(pair: Pair, person: Person, persona: str = "cfo", **more: Any) -> list[Event]:
    async with posted(pair, person, persona, **more) as reply:
        assert reply.status_code == 200, await reply.aread()
        return await events_of(reply)


async def refused(pair: Pair, person: Person, persona: str = "cfo", **more: Any) -> tuple[int, str]:
    async with posted(pair, person, persona, **more) as reply:
        body = json.loads(await reply.aread())
        assert reply.headers["content-type"] == "application/problem+json"
        return reply.status_code, body["code"]


async def test_an_answer_comes_as_start_chunks_and_done(bob: Person, pair: Pair) -> None:
    events = await ask(pair, bob)
    assert events[0][0] == "start"
    assert events[0][1]["personaType"] == "cfo"
    conversation = events[0][1]["conversationId"]
    assert {name for name, _ in events[1:-1]} == {"chunk"}
    name, done = events[-1]
    stored = await answer(uuid.UUID(conversation))
    assert name == "done"
    assert done["messageId"] == str(stored.id)
    assert done["status"] == "complete"
    assert done["usage"]["completion"] == stored.completion_tokens
    assert "".join(body["content"] for name, body in events if name == "chunk") == stored.text


async def test_a_conversation_goes_on(bob: Person, pair: Pair) -> None:
    conversation = (await ask(pair, bob))[0][1]["conversationId"]
    events = await ask(pair, bob, "ceo", json={"message": "And then?", "conversationId": conversation})
    assert events[0][1] == {"conversationId": conversation, "personaType": "ceo"}
    said = [m["content"] for m in pair.journal()[-1]["body"]["messages"]]
    assert any("Why did gross margin fall?" in text for text in said)


async def test_the_same_key_replays_and_asks_once(bob: Person, pair: Pair) -> None:
    headers = {"Idempotency-Key": "invoice-run-2026-11"}
    first = await ask(pair, bob, headers=headers)
    again = await ask(pair, bob, headers=headers, url=pair.two.url)
    text = ["".join(b["content"] for n, b in events if n == "chunk") for events in (first, again)]
    assert text[0] == text[1]
    assert first[-1] == again[-1]
    assert len(pair.journal()) == 1


async def test_the_same_key_with_another_text_is_refused(bob: Person, pair: Pair) -> None:
    headers = {"Idempotency-Key": "invoice-run-2026-11"}
    await ask(pair, bob, headers=headers)
    assert await refused(pair, bob, headers=headers, json={"message": "Other"}) == (409, "id_reused")


async def test_a_disconnect_does_not_stop_the_answer(bob: Person, pair: Pair) -> None:
    async with posted(pair, bob) as reply:
        async for line in reply.aiter_lines():
            if line.startswith("data: ") and "conversationId" in line:
                conversation = json.loads(line[6:])["conversationId"]
                break
    assert (await answer(uuid.UUID(conversation))).status == "complete"


async def test_a_failing_provider_is_an_error_event(bob: Person, pair: Pair) -> None:
    pair.say(fault="401")
    name, body = (await ask(pair, bob))[-1]
    if name == "done":  # the analyst stepped in
        assert body["status"] == "complete"
    else:
        assert (name, body["code"]) == ("error", "provider_unavailable")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"message": ""}, (400, "bad_frame")),
        ({"message": 7}, (400, "bad_frame")),
        ({}, (400, "bad_frame")),
        ([], (400, "bad_frame")),
        (None, (400, "bad_frame")),
        ({"message": "x" * 5001}, (413, "too_long")),
        ({"message": "Why?", "personaType": "ceo"}, (400, "bad_frame")),
        ({"message": "Why?", "conversationId": "nonsense"}, (404, "not_found")),
        ({"message": "Why?", "conversationId": str(uuid.UUID(int=1))}, (404, "not_found")),
    ],
)
async def test_a_bad_body_is_a_problem(bob: Person, pair: Pair, body: Any, expected: tuple[int, str]) -> None:
    assert await refused(pair, bob, json=body) == expected
    assert pair.journal() == []
    assert (await left())["open turns"] == 0


async def test_an_unknown_persona_is_not_found(bob: Person, pair: Pair) -> None:
    assert await refused(pair, bob, "nobody") == (404, "not_found")


async def test_another_tenants_conversation_is_not_found(bob: Person, pair: Pair, cast: Any) -> None:
    conversation = (await ask(pair, bob))[0][1]["conversationId"]
    charlie = await sync_to_async(Person)(cast.charlie)
    body = {"message": "Why?", "conversationId": conversation}
    assert await refused(pair, charlie, json=body) == (404, "not_found")


async def test_nobody_and_a_wrong_token_are_signed_out(bob: Person, pair: Pair) -> None:
    for header in ("Bearer nonsense", "Bearer ' OR 1=1--", f"Bearer cs_{'a' * 43}"):
        assert await refused(pair, bob, headers={"Authorization": header}) == (401, "signed_out")


async def test_a_session_needs_the_csrf_token(bob: Person, pair: Pair) -> None:
    async with AsyncClient(base_url=pair.one.url, cookies={"csuite-session": bob.cookie}) as client:
        reply = await client.post("/c-suite/cfo/chat", json={"message": "Why?"})
    assert (reply.status_code, reply.json()["code"]) == (403, "forbidden")


async def test_nobody_is_told_to_sign_in_before_anything_else(bob: Person, pair: Pair) -> None:
    async with AsyncClient(base_url=pair.one.url) as client:
        reply = await client.post("/c-suite/cfo/chat", json={"message": "Why?"})
    assert (reply.status_code, reply.json()["code"]) == (401, "signed_out")
