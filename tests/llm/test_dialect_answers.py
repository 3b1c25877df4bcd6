"""What is made of the answers in OpenAI's dialect, the odd ones too."""

import json
from dataclasses import replace

import pytest

from csuite import llm
from csuite.llm.dialects import Said
from csuite.llm.dialects.openai_reader import OpenAIReader
from csuite.llm.dialects.reader import BODY_LIMIT
from csuite.llm.dialects.think_tags import Unthinking
from csuite.llm.providers import table
from csuite.llm.sse import TooLarge
from tests.fake_provider import Answer, FakeProvider
from tests.llm.asking import HELLO, hear, primary


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


@pytest.mark.parametrize(("counted", "whole"), [(True, True), (False, False)])
def test_without_terminators_a_finish_reason_and_usage_are_the_end(counted: bool, whole: bool) -> None:
    said = Said()
    reader = OpenAIReader(replace(table()["openai"], done_marker=False), said)
    events = [delta(content="a"), delta("stop"), *([{"choices": [], "usage": {"completion_tokens": 1}}] * counted)]
    reader.feed("".join(f"data: {json.dumps(event)}\n\n" for event in events).encode())
    if whole:
        reader.end()
    else:
        with pytest.raises(llm.errors.BrokenOff):
            reader.end()
    assert said.whole is whole


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<think>Hm.</think>\n\nYes.", "Yes."),
        (" \n<think></think>Yes. </think> <think>x</think>", "Yes. </think> <think>x</think>"),
        ("I <think> so.", "I <think> so."),
        ("<thinking is good", "<thinking is good"),
        ("<thi", "<thi"),
        ("<think>Hm.", ""),
        ("<think>Hm.</think> \n", ""),
        ("", ""),
    ],
)
def test_thinking_between_tags_at_the_beginning_is_not_shown(text: str, shown: str) -> None:
    for size in (1, 3, 1000):
        hide = Unthinking()
        got = "".join(hide.feed(text[at : at + size]) for at in range(0, len(text), size)) + hide.rest()
        assert got == shown


def test_only_local_servers_leave_thinking_in_the_text() -> None:
    assert [name for name, row in table().items() if row.think_tags] == ["local"]


def test_an_error_in_a_choice_of_a_whole_answer_is_an_error() -> None:
    reader = OpenAIReader(table()["openrouter"], Said())
    failed = {"index": 0, "error": {"code": 502, "message": "down"}, "finish_reason": "error", "message": {}}
    reader.feed(json.dumps({"choices": [failed]}).encode())
    with pytest.raises(llm.errors.ServerFailed):
        reader.end()


@pytest.mark.parametrize("body", ['[{"error":{"code":403,"message":"x"}}]', '{"detail":"no","code":403}'])
def test_an_error_of_another_shape_in_a_200_is_an_error(body: str) -> None:
    reader = OpenAIReader(table()["openai"], Said())
    reader.feed(body.encode())
    with pytest.raises(llm.errors.NotPermitted):
        reader.end()
