"""What is sent to Anthropic for what is asked in OpenAI's shape."""

import json
from typing import Any

import pytest

from csuite.llm import Message, ToolCall
from csuite.llm.dialects.anthropic import body
from csuite.llm.providers import table
from csuite.llm.registry import route
from tests.llm.asking import question

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
