"""What is sent in OpenAI's dialect, and the odd things that are understood when they come back."""

import json
from typing import Any

import pytest

from csuite import llm
from csuite.llm.dialects import Said
from csuite.llm.dialects.openai import body
from csuite.llm.dialects.openai_reader import OpenAIReader
from csuite.llm.dialects.reader import BODY_LIMIT
from csuite.llm.providers import table
from csuite.llm.registry import route
from csuite.llm.sse import TooLarge
from tests.fake_provider import Answer, FakeProvider
from tests.llm.asking import HELLO, hear, primary, question

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


def read(*events: object, done: bool = True) -> tuple[str, Said]:
    said = Said()
    reader = OpenAIReader(table()["openai"], said)
    lines = [f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n" for event in events]
    text = reader.feed("".join([*lines, "data: [DONE]\n\n" if done else ""]).encode())
    return text + reader.end(), said


def delta(reason: str | None = None, index: int = 0, **fields: object) -> dict[str, object]:
    return {"choices": [{"index": index, "delta": fields, "finish_reason": reason}]}


def test_only_the_first_of_several_answers_is_text() -> None:
    text, _ = read(delta(content="a"), delta(content="B", index=1), delta(content="b"), delta("stop"))
    assert text == "ab"


def test_reasoning_in_whatever_field_is_not_text() -> None:
    parts = [{"type": "thinking", "thinking": []}, {"type": "text", "text": "b"}]
    text, _ = read(
        delta(reasoning="r"),
        delta(reasoning_content="r"),
        delta(thinking="r", content="a"),
        delta(content=parts),
        delta("stop"),
    )
    assert text == "ab"


def test_a_legacy_function_call_is_a_tool_call() -> None:
    _, said = read(
        delta(function_call={"name": "metric", "arguments": '{"m"'}),
        delta("function_call", function_call={"arguments": ":1}"}),
    )
    assert said.tool_calls == (llm.ToolCall("", "metric", '{"m":1}'),)


def test_tool_arguments_that_come_as_an_object_become_json_text() -> None:
    calls = [{"id": "c", "function": {"name": "m", "arguments": {"a": 1}}}]
    _, said = read(delta("tool_calls", tool_calls=calls))
    assert said.tool_calls == (llm.ToolCall("c", "m", '{"a": 1}'),)


def test_a_null_character_becomes_the_replacement_character() -> None:
    text, _ = read(delta(content="a\0b"), delta("stop"))
    assert text == "a\ufffdb"


@pytest.mark.parametrize(
    "bad", ["[]", "1", '"x"', "{", '{"choices":3}', '{"choices":[{"delta":4}]}', '{"choices":["x"]}']
)
def test_an_event_of_another_shape_is_passed_over(bad: str) -> None:
    text, said = read(delta(content="a"), bad, delta("stop", content="b"))
    assert (text, said.whole) == ("ab", True)


def test_a_terminator_without_a_finish_reason_is_no_end() -> None:
    with pytest.raises(llm.errors.BrokenOff):
        read(delta(content="a"))


def test_a_finish_reason_without_a_terminator_is_no_end() -> None:
    with pytest.raises(llm.errors.BrokenOff):
        read(delta(content="a"), delta("stop"), done=False)


def test_what_follows_the_terminator_is_not_read() -> None:
    said = Said()
    reader = OpenAIReader(table()["openai"], said)
    reader.feed(f"data: {json.dumps(delta('stop', content='a'))}\n\ndata: [DONE]\n\n".encode())
    assert reader.feed(f"data: {json.dumps(delta(content='b'))}\n\n".encode()) == ""


def test_a_whole_answer_has_a_bound() -> None:
    reader = OpenAIReader(table()["openai"], Said())
    reader.feed(b"{")
    with pytest.raises(TooLarge):
        reader.feed(b" " * BODY_LIMIT)


async def test_a_server_that_sends_extra_keys_gets_none_of_them_through(fake_provider: FakeProvider) -> None:
    body = 'event: execute\ndata: {"choices":[{"delta":{"content":"a","html":"<b>","role":"system"}}],"type":"x"}\n\n'
    tail = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    fake_provider.say(Answer(body=body + tail, headers={"content-type": "text/plain"}))
    with primary(fake_provider):
        heard = await hear()
    assert heard.text == "a"
    assert HELLO
