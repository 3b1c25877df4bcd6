"""Lines of JSON in, lines of JSON out: what a program that runs llm_call may rely on."""

import json
from typing import Any

import pytest

from csuite.llm.lines import EMPTY, answers
from tests.fake_provider.server import running_apart

ASKED: dict[str, Any] = {"provider": "openai", "model": "fake-3t", "messages": [{"role": "user", "content": "Why?"}]}


def told(*lines: Any) -> list[dict[str, Any]]:
    encoded = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return [json.loads(answer) for answer in answers(encoded)]


@pytest.fixture(scope="module")
def url() -> Any:
    with running_apart() as address:
        yield address


def test_every_line_has_an_answer_with_the_same_fields_in_its_order(url: str) -> None:
    asked = {**ASKED, "base_url": url}
    whole, streamed, bad = told(asked, {**asked, "stream": True}, {**asked, "provider": "nobody"})
    assert list(whole) == list(streamed) == list(bad) == list(EMPTY)
    assert (whole["text"], whole["ttft_ms"], whole["error_kind"]) == (streamed["text"], None, None)
    assert (whole["prompt_tokens"], whole["estimated"]) == (streamed["prompt_tokens"], False)
    assert streamed["ttft_ms"] is not None
    assert bad == {**EMPTY, "error_kind": "invalid_request"}


@pytest.mark.parametrize(
    "bad",
    [
        b"{",
        b"[]",
        b'"x"',
        b"\xff\xfe",
        b'{"provider": "openai", "model": "m", "messages": [{"role": "user", "content": "\\ud800"}]}',
        {},
        {**ASKED, "provider": None},
        {**ASKED, "provider": "scripted"},
        {**ASKED, "model": ""},
        {**ASKED, "model": 7},
        {key: value for key, value in ASKED.items() if key != "model"},
        {**ASKED, "messages": []},
        {**ASKED, "messages": "Why?"},
        {**ASKED, "messages": ["Why?"]},
        {**ASKED, "messages": [{"role": "wizard", "content": "x"}]},
        {**ASKED, "messages": [{"role": "user", "content": 7}]},
        {**ASKED, "messages": [{"role": "assistant", "tool_calls": [{"id": "c"}]}]},
        {**ASKED, "stream": "yes"},
        {**ASKED, "max_tokens": 0},
        {**ASKED, "max_tokens": "many"},
        {**ASKED, "max_tokens": True},
        {**ASKED, "timeout": -1},
        {**ASKED, "schema": []},
        {**ASKED, "schema": {"type": "foo"}},
        {**ASKED, "tools": {}},
        {**ASKED, "headers": {"a": 1}},
        {**ASKED, "headers": {"a b": "x"}},
        {**ASKED, "headers": {"a": "x\ny"}},
        {**ASKED, "base_url": "file:///etc/passwd"},
        {**ASKED, "base_url": 7},
    ],
)
def test_a_bad_line_is_answered_as_one_and_the_next_one_goes_on(bad: Any) -> None:
    first, second = told(bad, b"{")
    assert first["error_kind"] == second["error_kind"] == "invalid_request"
    assert first["retryable"] is False


def test_blank_lines_are_passed_over() -> None:
    assert told(b"\n", b"  \n") == []


def test_a_key_is_wanted_unless_an_address_is_given(url: str) -> None:
    assert told(ASKED)[0]["error_kind"] == "authentication"
    assert told({**ASKED, "base_url": url + "/"})[0]["error_kind"] is None


def test_a_local_server_that_is_not_there_is_no_connection() -> None:
    assert told({**ASKED, "provider": "local"})[0]["error_kind"] == "connection"
    refused = told({**ASKED, "base_url": "http://127.0.0.1:9/v1"})[0]
    assert (refused["error_kind"], refused["retryable"], refused["cost_usd"]) == ("connection", True, None)


def test_a_timeout_is_the_total(url: str) -> None:
    assert told({**ASKED, "base_url": url, "model": "fake-xhang", "timeout": 0.1})[0]["error_kind"] == "timeout"


def test_an_answer_is_checked_against_its_schema_and_not_repaired(url: str) -> None:
    asked = {**ASKED, "base_url": url, "schema": {"type": "object"}}
    answer = told(asked)[0]
    assert (answer["error_kind"], answer["json"], answer["retryable"]) == ("validation", None, False)
    assert answer["text"]
    assert answer["completion_tokens"] == 3


def test_a_price_is_a_decimal_string_and_an_unknown_one_is_null(url: str) -> None:
    """The fake provider takes any name; gpt-4.1-mini has a price in genai-prices."""
    known, unknown = told({**ASKED, "base_url": url, "model": "gpt-4.1-mini"}, {**ASKED, "base_url": url})
    assert float(known["cost_usd"]) > 0
    assert "e" not in known["cost_usd"].lower()
    assert unknown["cost_usd"] is None
    assert told({**ASKED, "provider": "local", "base_url": url})[0]["cost_usd"] == "0"


def test_a_newer_word_for_system_and_a_whole_conversation_are_taken(url: str) -> None:
    messages = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c", "function": {"name": "w", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "c", "content": "21 C"},
    ]
    assert told({**ASKED, "base_url": url, "messages": messages})[0]["error_kind"] is None
