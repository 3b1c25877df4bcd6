"""What is sent to Anthropic for what is asked in OpenAI's shape, and what is made of its answers."""

import hashlib
import json
from typing import Any

import pytest

from csuite import llm
from csuite.llm import Message, ToolCall
from csuite.llm.dialects import Said
from csuite.llm.dialects.anthropic import body
from csuite.llm.dialects.anthropic_reader import AnthropicReader
from csuite.llm.providers import table
from csuite.llm.registry import route
from tests.fake_provider import Answer, FakeProvider
from tests.llm.asking import hear, question

OLD, NEW = "claude-3-5-haiku-latest", "claude-sonnet-5"
CLOSED = {"type": "object", "properties": {"a": {"type": "integer"}}}
OPEN = {"type": "object", "additionalProperties": {"type": "integer"}}
WEATHER = {
    "type": "function",
    "function": {"name": "weather", "description": "Of a city", "parameters": {"type": "object", "properties": {}}},
}


def sent(model: str = "", *, streamed: bool = True, **fields: Any) -> dict[str, Any]:
    call = question(**fields)
    loaded: dict[str, Any] = json.loads(body(call, route(table()["anthropic"], call, model), streamed=streamed))
    return loaded


def test_a_plain_question() -> None:
    assert sent(max_tokens=5, temperature=0.5, streamed=False) == {
        "model": "claude-sonnet-4-6",
        "max_tokens": 5,
        "temperature": 0.5,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Why did gross margin fall?"}]}],
    }


def test_a_length_is_always_sent_and_a_temperature_only_where_it_is_taken() -> None:
    assert sent()["max_tokens"] > 0
    assert sent(temperature=1.7)["temperature"] == 1.0
    assert "temperature" not in sent(NEW)
    assert "temperature" not in sent("claude-opus-4-7")
    assert "temperature" in sent(OLD)


def test_system_messages_become_the_system_prompt_and_turns_alternate() -> None:
    request = sent(
        messages=(
            Message("system", "Be brief."),
            Message("user", "One"),
            Message("user", "Two"),
            Message("assistant", "Three"),
            Message("system", "Be exact."),
            Message("user", ""),
            Message("user", "Four"),
        )
    )
    assert request["system"] == "Be brief.\n\nBe exact."
    assert [(turn["role"], [block["text"] for block in turn["content"]]) for turn in request["messages"]] == [
        ("user", ["One", "Two"]),
        ("assistant", ["Three"]),
        ("user", ["Four"]),
    ]


def test_a_conversation_begins_with_the_user_whatever_it_begins_with() -> None:
    assert sent(messages=(Message("assistant", "Hello"), Message("user", "Hi")))["messages"][0]["role"] == "user"
    alone = sent(messages=(Message("system", "Say hello."),))
    assert "system" not in alone
    assert alone["messages"] == [{"role": "user", "content": [{"type": "text", "text": "Say hello."}]}]


def test_an_answer_to_go_on_with_does_not_end_in_blanks() -> None:
    turns = sent(messages=(Message("user", "Count"), Message("assistant", "One, two \n")))["messages"]
    assert turns[-1]["content"] == [{"type": "text", "text": "One, two"}]


def test_tools_and_their_results_are_translated() -> None:
    calls = (ToolCall("call.1", "weather", '{"city":"Rome"}'), ToolCall("call.2", "weather", "no json"))
    request = sent(
        messages=(
            Message("user", "Weather?"),
            Message("assistant", "I look.", tool_calls=calls),
            Message("tool", "21 C", tool_call_id="call.1"),
            Message("tool", "", tool_call_id="call.2"),
            Message("user", "And?"),
        ),
        tools=(WEATHER,),
        tool_choice="required",
    )
    assert request["tools"] == [
        {"name": "weather", "description": "Of a city", "input_schema": {"type": "object", "properties": {}}}
    ]
    assert request["tool_choice"] == {"type": "any"}
    assert request["messages"][1]["content"] == [
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "call_1", "name": "weather", "input": {"city": "Rome"}},
        {"type": "tool_use", "id": "call_2", "name": "weather", "input": {"arguments": "no json"}},
    ]
    assert request["messages"][2]["content"] == [
        {"type": "tool_result", "tool_use_id": "call_1", "content": [{"type": "text", "text": "21 C"}]},
        {"type": "tool_result", "tool_use_id": "call_2"},
        {"type": "text", "text": "And?"},
    ]


@pytest.mark.parametrize(
    ("choice", "theirs"),
    [
        ("auto", {"type": "auto"}),
        ("none", {"type": "none"}),
        ({"type": "function", "function": {"name": "weather"}}, {"type": "tool", "name": "weather"}),
        ({"type": "any"}, {"type": "any"}),
    ],
)
def test_a_choice_of_tools_is_translated(choice: Any, theirs: dict[str, str]) -> None:
    assert sent(tools=(WEATHER,), tool_choice=choice)["tool_choice"] == theirs
    assert "tool_choice" not in sent(tools=(WEATHER,))


def test_a_tool_in_their_own_shape_and_one_without_parameters_are_taken() -> None:
    own = {"type": "web_search_20250305", "name": "web_search"}
    bare = {"type": "function", "function": {"name": "now"}}
    assert sent(tools=(own, bare))["tools"] == [
        own,
        {"name": "now", "input_schema": {"type": "object", "properties": {}}},
    ]


def test_images_are_translated_by_their_address() -> None:
    parts = (
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        {"type": "image_url", "image_url": {"url": "https://img.example/a.png", "detail": "low"}},
        {"type": "text", "text": "What is it?"},
        {"type": "text", "text": ""},
    )
    assert sent(messages=(Message("user", parts),))["messages"][0]["content"] == [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
        {"type": "image", "source": {"type": "url", "url": "https://img.example/a.png"}},
        {"type": "text", "text": "What is it?"},
    ]


def test_a_schema_is_enforced_else_a_tool_takes_the_answer_else_it_is_asked_for() -> None:
    enforced = sent(schema=CLOSED)
    assert enforced["output_config"]["format"] == {
        "type": "json_schema",
        "schema": {**CLOSED, "required": ["a"], "additionalProperties": False},
    }
    for request in (sent(OLD, schema=CLOSED), sent(schema=OPEN)):
        assert [tool["name"] for tool in request["tools"]] == ["answer"]
        assert request["tool_choice"] == {"type": "tool", "name": "answer"}
    assert sent(schema=OPEN, tools=(WEATHER,))["tool_choice"] == {"type": "any"}
    told = sent(NEW, schema=OPEN, messages=(Message("system", "Be brief."), Message("user", "Go")))
    assert "tools" not in told
    assert told["system"].startswith("Be brief.\n\n")
    assert '"additionalProperties"' in told["system"]


def read(*events: dict[str, Any] | str, answer: str = "", end: bool = True) -> tuple[str, Said]:
    said = Said()
    reader = AnthropicReader(table()["anthropic"], said, answer)
    lines = []
    for event in events:
        name, data = ("ping", event) if isinstance(event, str) else (event["type"], json.dumps(event))
        lines.append(f"event: {name}\ndata: {data}\n\n")
    text = reader.feed("".join(lines).encode())
    return text + (reader.end() if end else ""), said


START = {"type": "message_start", "message": {"id": "m", "usage": {"input_tokens": 9, "output_tokens": 1}}}
STOP = {"type": "message_stop"}


def block(index: int, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": fields}


def delta(index: int, kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **fields}}


def over(reason: str = "end_turn", tokens: int = 5) -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": tokens}}


def test_only_text_blocks_are_text() -> None:
    text, said = read(
        START,
        block(0, type="thinking", thinking="", signature=""),
        delta(0, "thinking_delta", thinking="hm"),
        delta(0, "signature_delta", signature="abc"),
        block(1, type="redacted_thinking", data="x"),
        '{"type": "ping"}',
        block(2, type="text", text="A"),
        delta(2, "text_delta", text="B"),
        delta(2, "citations_delta", citation={}),
        {"type": "something_new"},
        over(),
        STOP,
    )
    assert (text, said.finish_reason, said.whole) == ("AB", "end_turn", True)
    assert (said.usage.prompt, said.usage.completion) == (9, 5)


def test_parallel_tools_with_interleaved_arguments_are_put_together() -> None:
    _, said = read(
        START,
        block(0, type="text", text=""),
        block(1, type="tool_use", id="t1", name="weather", input={}),
        block(2, type="tool_use", id="t2", name="weather", input={}),
        delta(1, "input_json_delta", partial_json=""),
        delta(1, "input_json_delta", partial_json='{"city":'),
        delta(2, "input_json_delta", partial_json='{"city":"Oslo"}'),
        delta(1, "input_json_delta", partial_json='"Rome"}'),
        block(3, type="server_tool_use", id="s", name="web_search", input={}),
        delta(3, "input_json_delta", partial_json='{"query":"x"}'),
        block(4, type="tool_use", id="t3", name="whole", input={"a": 1}),
        over("tool_use"),
        STOP,
    )
    assert said.tool_calls == (
        ToolCall("t1", "weather", '{"city":"Rome"}'),
        ToolCall("t2", "weather", '{"city":"Oslo"}'),
        ToolCall("t3", "whole", '{"a": 1}'),
    )


def test_the_arguments_of_the_answering_tool_are_the_text() -> None:
    text, said = read(
        START,
        block(0, type="tool_use", id="t", name="answer", input={}),
        delta(0, "input_json_delta", partial_json='{"a":'),
        delta(0, "input_json_delta", partial_json=" 1}"),
        over("tool_use"),
        STOP,
        answer="answer",
    )
    assert (text, said.tool_calls) == ('{"a": 1}', ())


def test_an_error_in_mid_stream_is_one_and_what_follows_is_no_text() -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    with pytest.raises(llm.errors.BrokenOff, match="overloaded_error"):
        read(START, block(0, type="text", text="a"), error, delta(0, "text_delta", text="b"), over(), STOP)
    text, said = read(START, block(0, type="text", text="a"), error, delta(0, "text_delta", text="b"), end=False)
    assert (text, said.whole) == ("a", False)


def test_an_error_instead_of_a_stream_is_the_refusal_that_it_is() -> None:
    with pytest.raises(llm.errors.Overloaded):
        read({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})


def test_a_stream_without_its_last_event_is_no_answer() -> None:
    with pytest.raises(llm.errors.BrokenOff):
        read(START, block(0, type="text", text="a"), over())
    with pytest.raises(llm.errors.BrokenOff):
        read(START, block(0, type="text", text="a"), STOP)


def test_a_refusal_before_the_first_word_is_a_content_filter() -> None:
    with pytest.raises(llm.errors.Filtered):
        read(START, over("refusal"), STOP)
    text, said = read(START, block(0, type="text", text="I would rather not."), over("refusal"), STOP)
    assert (text, said.finish_reason) == ("I would rather not.", "refusal")


def test_an_answer_that_is_not_streamed() -> None:
    reply = {
        "id": "msg_1",
        "type": "message",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "s"},
            {"type": "text", "text": "One "},
            {"type": "text", "text": "two"},
            {"type": "tool_use", "id": "t", "name": "weather", "input": {}},
        ],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 3, "output_tokens": 4, "cache_read_input_tokens": 2},
    }
    said = Said()
    reader = AnthropicReader(table()["anthropic"], said)
    assert reader.feed(json.dumps(reply).encode()) == ""
    assert reader.end() == "One two"
    assert said.tool_calls == (ToolCall("t", "weather", "{}"),)
    assert (said.usage.prompt, said.usage.completion, said.usage.cached) == (3, 4, 2)
    assert (said.finish_reason, said.request_id) == ("tool_use", "msg_1")


async def test_the_key_goes_into_its_own_header_and_a_cut_stream_is_estimated(
    fake_provider: FakeProvider, monkeypatch: pytest.MonkeyPatch, meter: Any
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary-000000")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", fake_provider.url)
    words = "Margin fell because copper and freight became dearer."
    events = [START, block(0, type="text", text=""), delta(0, "text_delta", text=words)]
    stream = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
    fake_provider.say(Answer(body=stream, headers={"content-type": "text/event-stream", "request-id": "req_7"}))
    heard = await hear(question(route="anthropic"))
    asked = fake_provider.requests[0]
    assert asked.path.endswith("/v1/messages")
    assert asked.auth == hashlib.sha256(b"sk-ant-canary-000000").hexdigest()[:16]  # without "Bearer"
    assert asked.headers["anthropic-version"] == "2023-06-01"
    assert "authorization" not in asked.headers
    assert (heard.text, heard.kind) == (words, "midstream")
    (row,) = meter.attempts
    assert (row.request_id, row.usage.prompt, row.usage.estimated) == ("req_7", 9, True)
    assert row.usage.completion > 5
