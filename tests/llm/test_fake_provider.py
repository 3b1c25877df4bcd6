"""The fake provider does as it is told, in a process of its own and by its script, and remembers what it saw."""

import asyncio
from typing import Any

import httpx
import pytest

from csuite import llm
from tests.fake_provider import Answer, FakeProvider, running_apart
from tests.fake_provider.steering import LETTERS, steered
from tests.llm.asking import hear, primary, question


def body(text: str = "Hi?", **fields: object) -> dict[str, object]:
    return {"model": "fake", "messages": [{"role": "user", "content": text}], **fields}


def test_it_runs_as_a_process_and_is_steered_over_http() -> None:
    with running_apart() as url, httpx.Client(trust_env=False) as http:
        base = url.removesuffix("/v1")
        http.post(f"{base}/script", json={"answers": [{"text": "told", "match": "second"}]}).raise_for_status()
        first = http.post(f"{url}/chat/completions", json=body("first"), headers={"authorization": "Bearer k"}).json()
        second = http.post(f"{url}/chat/completions", json=body("second")).json()
        assert first["choices"][0]["message"]["content"].startswith("You asked: first")
        assert second["choices"][0]["message"]["content"] == "told"
        journal: list[dict[str, Any]] = http.get(f"{base}/journal").json()
        assert [entry["outcome"] for entry in journal] == ["finished", "finished"]
        assert bool(journal[0]["auth"]) is not bool(journal[1]["auth"])
        assert http.get(f"{base}/stats").json()["requests"] == 2
        assert http.get(f"{url}/models").json()["data"][0]["id"] == "fake"
        http.delete(f"{base}/journal")
        assert http.get(f"{base}/journal").json() == []
        assert http.post(f"{url}/chat/completions", content="{").status_code == 400


async def test_a_scripted_answer_is_used_once_or_again_and_where_it_is_meant(fake_provider: FakeProvider) -> None:
    fake_provider.say(Answer(text="always", match="Why", repeat=True), "once")
    with primary(fake_provider):
        assert [(await hear()).text for _ in range(2)] == ["always"] * 2
        assert (await hear(question(messages=(llm.Message("user", "How?"),)))).text == "once"


async def test_every_second_call_of_429once_works(fake_provider: FakeProvider) -> None:
    with primary(fake_provider, "fake-2t-x429once"):
        assert [(await hear()).kind for _ in range(3)] == ["rate_limit", "", "rate_limit"]


async def test_a_scripted_tool_call_comes_streamed_and_whole(fake_provider: FakeProvider) -> None:
    call = {"index": 0, "id": "c1", "type": "function", "function": {"name": "metric", "arguments": "{}"}}
    told = Answer(tool_calls=[call], finish_reason="tool_calls", repeat=True, usage={"prompt_tokens": 7})
    fake_provider.say(told)
    with primary(fake_provider):
        heard, reply = await hear(), await llm.complete(question())
    assert heard.finished.tool_calls == reply.tool_calls == (llm.ToolCall("c1", "metric", "{}"),)
    assert reply.usage.prompt == 7


async def test_each_token_carries_the_clock_when_asked(fake_provider: FakeProvider) -> None:
    with primary(fake_provider, "fake-3t-1ms-stamp"):
        heard = await hear()
    assert heard.text.count(" w~") == 3


async def test_a_client_that_stops_reading_holds_up_its_own_answer_only(fake_provider: FakeProvider) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", fake_provider.port, limit=1024)
    asked = b'{"model":"fake-200000t","stream":true,"messages":[]}'
    writer.write(b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: %d\r\n\r\n%b" % (len(asked), asked))
    with primary(fake_provider, "fake-5t"):
        assert (await hear()).error is None
    stuck = fake_provider.requests[0]
    assert stuck.outcome == "open"
    writer.close()
    while stuck.outcome == "open":
        await asyncio.sleep(0.005)
    assert stuck.client_gone_after_ms is not None


def test_a_model_name_says_how_many_tokens_and_how() -> None:
    answer = steered("fake-7t-20ms-300f-2a-xcut-nousage", "Why?")
    assert (len(answer.pieces), answer.pace_ms, answer.ttft_ms, answer.after) == (7, 20.0, 300.0, 2)
    assert (answer.fault, answer.usage) == ("cut", None)
    assert {len(piece) for piece in answer.pieces} == {LETTERS}


def test_an_answer_with_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValueError, match="no such field: txt"):
        Answer.from_json({"txt": "x"})
