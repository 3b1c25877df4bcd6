"""What is sent in OpenAI's dialect."""

import json
from typing import Any

import pytest

from csuite import llm
from csuite.llm.dialects.openai import body
from csuite.llm.providers import table
from csuite.llm.registry import route
from tests.fake_provider import FakeProvider
from tests.llm.asking import hear, primary, question

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}


def sent(provider: str, call: llm.Call, *, model: str = "", streamed: bool = True) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(body(call, route(table()[provider], call, model), streamed=streamed))
    return loaded


def test_a_plain_question() -> None:
    assert sent("groq", question(max_tokens=5, temperature=0.0), streamed=False) == {
        "model": "llama-3.3-70b-versatile",
        "messages": [{"role": "user", "content": "Why did gross margin fall?"}],
        "max_tokens": 5,
        "temperature": 0.0,
    }


def test_providers_differ_by_their_rows() -> None:
    assert "max_completion_tokens" in sent("openai", question())
    assert "temperature" not in sent("openai", question(), model="o3-mini")
    assert "stream_options" not in sent("mistral", question())
    assert sent("groq", question())["stream_options"] == {"include_usage": True}


def test_tools_images_and_tool_answers_pass_through() -> None:
    tool = {"type": "function", "function": {"name": "metric", "parameters": {}}}
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    messages = (
        llm.Message("user", ({"type": "text", "text": "See"}, image)),
        llm.Message("assistant", "", tool_calls=(llm.ToolCall("c1", "metric", '{"m":1}'),)),
        llm.Message("tool", "41 %", tool_call_id="c1"),
    )
    request = sent("openai", question(messages=messages, tools=(tool,), tool_choice="auto"))
    assert request["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "See"}, image]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "metric", "arguments": '{"m":1}'}}],
        },
        {"role": "tool", "content": "41 %", "tool_call_id": "c1"},
    ]
    assert (request["tools"], request["tool_choice"]) == ([tool], "auto")
    assert "tool_choice" not in sent("openai", question(tools=(tool,)))
    assert messages[0].text == "See"


def test_a_schema_goes_the_way_the_provider_takes_it() -> None:
    enforced = sent("openai", question(schema=SCHEMA))["response_format"]["json_schema"]
    assert enforced["strict"] is True
    assert enforced["schema"] == {**SCHEMA, "required": ["a"], "additionalProperties": False}
    as_it_is = sent("mistral", question(schema=SCHEMA))["response_format"]["json_schema"]
    assert as_it_is == {"name": "answer", "schema": SCHEMA}
    told = sent("groq", question(schema=SCHEMA), streamed=False)
    assert told["response_format"] == {"type": "json_object"}
    assert told["messages"][0]["role"] == "system"
    assert json.dumps(SCHEMA).replace(" ", "") in told["messages"][0]["content"]


def test_groq_is_only_told_of_a_schema_when_it_streams_or_has_tools() -> None:
    tools = ({"type": "function", "function": {"name": "metric", "parameters": {}}},)
    for request in (
        sent("groq", question(schema=SCHEMA)),
        sent("groq", question(schema=SCHEMA, tools=tools), streamed=False),
    ):
        assert "response_format" not in request
        assert request["messages"][0]["role"] == "system"


async def test_a_provider_without_any_json_mode_is_only_told(fake_provider: FakeProvider) -> None:
    with primary(fake_provider, json_mode="none"):
        await hear(question(schema=SCHEMA))
    assert "response_format" not in fake_provider.requests[0].body
    assert len(fake_provider.requests[0].body["messages"]) == 2


async def test_what_is_no_json_is_refused_before_anything_is_sent(fake_provider: FakeProvider) -> None:
    with primary(fake_provider):
        heard = await hear(question(messages=(llm.Message("user", "\ud800"),)))
    assert heard.kind == "invalid_request"
    assert fake_provider.requests == []


async def test_headers_of_the_call_are_sent_as_given(fake_provider: FakeProvider) -> None:
    with primary(fake_provider):
        await hear(question(headers={"x-split": "7"}))
    assert fake_provider.requests[0].headers["x-split"] == "7"


async def test_a_timeout_of_the_call_is_a_total(fake_provider: FakeProvider) -> None:
    with primary(fake_provider, "fake-xhang"):
        assert (await hear(question(timeout=0.1))).kind == "timeout"


async def test_the_environment_says_how_long_to_wait_for_a_provider(
    fake_provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_TIMEOUT", "0.1")
    with primary(fake_provider, "fake-xhang"):
        assert (await hear()).kind == "timeout"
    monkeypatch.setenv("FAKE_TIMEOUT", "soon")
    with primary(fake_provider):
        assert table()["fake"].patience() == 60.0


def test_ids_of_another_providers_tool_calls_become_ones_that_mistral_takes() -> None:
    messages = (
        llm.Message(
            "assistant", "", tool_calls=(llm.ToolCall("call_1", "m", "{}"), llm.ToolCall("abcDEF123", "m", "{}"))
        ),
        llm.Message("tool", "1", tool_call_id="call_1"),
        llm.Message("tool", "2", tool_call_id="abcDEF123"),
    )
    asked, one, two = sent("mistral", question(messages=messages))["messages"]
    first, second = (call["id"] for call in asked["tool_calls"])
    assert (one["tool_call_id"], two["tool_call_id"]) == (first, second)
    assert len(first) == 9
    assert first.isalnum()
    assert second == "abcDEF123"
    assert sent("openai", question(messages=messages))["messages"][1]["tool_call_id"] == "call_1"
