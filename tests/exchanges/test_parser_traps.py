"""The parser traps of THREATS §2, through llm.stream: what each exchange that holds one gives, in pieces of any size.

A trap is found by its bytes, so that an exchange that is added later is held against it, too.
"""

import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from csuite import llm
from csuite.llm import conf
from csuite.llm.providers import table
from tests.exchanges.recordings import body, kind, names, recording
from tests.exchanges.replaying import replaying
from tests.llm.asking import Heard, hear, question
from tests.llm.conftest import KeepingMeter

Trap = str | Callable[[str], bool]
LONG_THOUGHT = "(: OPENROUTER PROCESSING\n\n){17}"
SHORT = 2_000  # bytes that are sent one by one here; the long loops do so with every exchange


def bytes_are_split(name: str) -> bool:
    return not body(name).isascii()


def only_tools(name: str) -> bool:
    expect = recording(name)["expect"]
    return bool(expect["extra"]["tool_calls"]) and not expect["text"]


def two_answers(name: str) -> bool:
    return re.search(r'"index": ?1, ?"delta"', body(name).decode()) is not None


# What is looked for in the body of a stream (or of a refusal).
TRAPS: dict[str, Trap] = {
    "seventeen comments in a row": LONG_THOUGHT,
    "comments between events": r"(?s)\ndata: .*\n: ?\S.*\ndata: ",
    "usage in x_groq and beside it": r'"x_groq":\s*\{[^\n]*"usage":[^\n]*\}[^\n]*"usage":\s*\{',
    "usage on the chunk with the finish reason": r'"finish_reason":\s*"\w+"[^\n]*"usage":\s*\{',
    "usage in a chunk without choices": r'"choices":\s*\[\][^\n]*"usage"',
    "two chunks with a finish reason": r'"finish_reason":\s*"(.|\n)*\n[^\n]*"finish_reason":\s*"',
    "content that is null": r'"content":\s*null',
    "reasoning": r'"reasoning":\s*"[^"]',
    "reasoning_content": r'"reasoning_content":\s*"[^"]',
    "thinking": r'"thinking":\s*("[^"]|\[)|thinking_delta',
    "two answers, interleaved": two_answers,
    "a tool call and no text": only_tools,
    "the legacy function_call": r'"function_call":\s*\{',
    "pings": r"event: ping",
    "output tokens that grow": r'message_start[^\n]*"output_tokens"(.|\n)*message_delta[^\n]*"output_tokens"',
    "text that is not ASCII, split within a character": bytes_are_split,
    "an error that is a string": r'"error":\s*"[^"]',
}


def holding(trap: Trap) -> list[str]:
    if callable(trap):
        return [name for name in names(streamed=True) if trap(name)]
    return [name for name in names() if re.search(trap, body(name).decode("utf-8", "replace"))]


@pytest_asyncio.fixture
async def replay() -> AsyncIterator[str]:
    async with replaying() as address:
        yield address


async def ask(address: str, name: str, split: int) -> Heard:
    """The exchange, by the call that the product makes."""
    provider = name.partition("/")[0]
    key = table()[provider].key_name
    row = {provider: {"base_url": f"{address}/{name}", "model": "recorded", "key_name": key, "key_wanted": False}}
    with conf.override(PRIMARY=provider, PROVIDERS=row):
        return await hear(question(headers={"x-split": str(split)}))


def check(name: str, heard: Heard, meter: KeepingMeter) -> None:
    expect: dict[str, Any] = recording(name)["expect"]
    (row,) = meter.attempts
    assert (heard.text, heard.kind) == (expect["text"], kind(expect["error_kind"])), name
    assert row.error_kind == heard.kind
    if heard.error is None:
        said, tools = heard.finished.said, expect["extra"]["tool_calls"] or []
        assert heard.finished.finish_reason == expect["finish_reason"], name
        assert (said.prompt, said.completion, said.cached) == tuple(
            expect[f"{word}_tokens"] for word in ("prompt", "completion", "cached")
        ), name
        assert [(tool.name, tool.arguments) for tool in heard.finished.tool_calls] == [
            (tool["name"], tool["arguments"]) for tool in tools
        ], name
        started = [event for event in heard.events if isinstance(event, llm.Started)]
        assert len(started) == bool(expect["text"]), "an answer without a word begins no bubble"


@pytest.mark.parametrize("split", [1, 7, 100_000])
@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS.keys())
async def test_each_exchange_that_holds_the_trap_is_read_right(
    replay: str, meter: KeepingMeter, trap: Trap, split: int
) -> None:
    found = holding(trap)
    assert found, "no exchange holds it"
    for name in found:
        if len(body(name)) > SHORT * split:
            continue
        meter.attempts.clear()
        check(name, await ask(replay, name, split), meter)
