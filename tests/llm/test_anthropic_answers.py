"""What is made of Anthropic's answers."""

import hashlib
import json
from typing import Any

import pytest

from csuite import llm
from csuite.llm import ToolCall
from csuite.llm.dialects import Said
from csuite.llm.dialects.anthropic_reader import AnthropicReader
from csuite.llm.providers import table
from tests.fake_provider import Answer, FakeProvider
from tests.llm.asking import hear, question


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
