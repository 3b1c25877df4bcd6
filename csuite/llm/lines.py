"""Questions as lines of JSON, answers as lines of JSON: `manage.py llm_call`.

One attempt each, without ledger, database, cache or fallback; the keys of an answer are fixed (DESIGN §5).
"""

import asyncio
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, get_args

import orjson

from csuite.llm import conf, discovery
from csuite.llm.attempt import Trial
from csuite.llm.call import Call, Message, Role, ToolCall
from csuite.llm.errors import InvalidRequest, LLMError, NotConnected, ServerFailed
from csuite.llm.hold import Hold
from csuite.llm.providers import Provider, table
from csuite.llm.registry import Route, route
from csuite.llm.structured import fitting, validator

log = logging.getLogger(__name__)

# None of this has a table under it, whatever the settings name.
APART = {"METER": "csuite.llm.meter.NullMeter", "PRICES": "csuite.llm.prices.GenaiPrices", "ANALYST": ""}
NOT_ASKED = frozenset({"scripted", "analyst"})
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
EMPTY: dict[str, Any] = {
    "text": "",
    "json": None,
    "tool_calls": [],
    "finish_reason": None,
    "prompt_tokens": None,
    "completion_tokens": None,
    "cached_tokens": None,
    "reasoning_tokens": None,
    "cost_usd": None,
    "error_kind": None,
    "retryable": False,
    "retry_after": None,
    "ttft_ms": None,
    "total_ms": 0,
    "estimated": False,
}


@dataclass(frozen=True, slots=True)
class Question:
    """One line, read."""

    call: Call
    row: Provider
    model: str
    base_url: str
    streamed: bool


def answers(lines: Iterable[bytes]) -> Iterator[bytes]:
    """One line of JSON for each line that is not blank, in order, each as soon as it is there. Never raises."""
    with conf.override(**APART):
        for number, line in enumerate(lines, 1):
            if line.strip():
                # A loop and a connection of its own for each: a kept one may be dead when the next line comes.
                yield orjson.dumps(asyncio.run(_answer(line, number))) + b"\n"


async def _answer(line: bytes, number: int) -> dict[str, Any]:
    try:
        asked = question(line)
        return await _ask(asked, await _route(asked))
    except LLMError as error:
        log.warning("line %d: %s", number, error)
        return {**EMPTY, **_failed(error)}
    except Exception:
        log.exception("line %d was not answered", number)
        return {**EMPTY, **_failed(ServerFailed())}


async def _ask(asked: Question, chosen: Route) -> dict[str, Any]:
    value, failed = None, None
    trial = Trial(asked.call, chosen, Hold(), 1, None, streamed=asked.streamed)
    try:
        async with trial, aclosing(trial.run()) as texts:
            async for text in texts:
                if not trial.parts:
                    trial.first()
                trial.parts.append(text)
            trial.check_whole()
            if asked.call.schema is not None and not trial.said.tool_calls:
                value = fitting(trial.text(), asked.call.schema)
    except LLMError as error:
        log.warning("%s", error)
        failed = error
    return {**_said(trial), "json": value, **(_failed(failed) if failed else {})}


def _said(trial: Trial) -> dict[str, Any]:
    """Counts as the provider said them; the cost is of those that the ledger would book."""
    said, row = trial.said, trial.row
    assert row is not None
    counted = row.usage.prompt is not None or row.usage.completion is not None
    return {
        **EMPTY,
        "text": trial.text(),
        "tool_calls": [{"id": tool.id, "name": tool.name, "arguments": tool.arguments} for tool in said.tool_calls],
        "finish_reason": said.finish_reason,
        "prompt_tokens": said.usage.prompt,
        "completion_tokens": said.usage.completion,
        "cached_tokens": said.usage.cached,
        "reasoning_tokens": said.usage.reasoning,
        "cost_usd": format(row.cost, "f") if row.cost is not None and counted else None,
        "ttft_ms": trial.ttft_ms,
        "total_ms": row.total_ms or 0,
        "estimated": row.usage.estimated,
    }


def _failed(error: LLMError) -> dict[str, Any]:
    return {"error_kind": error.kind, "retryable": error.retryable, "retry_after": error.retry_after}


async def _route(asked: Question) -> Route:
    """Where to ask. A local server that nobody named is looked for at the usual ports."""
    address = asked.base_url or asked.row.address()
    if not address:
        server = await discovery.local_server("")
        if server is None:
            raise NotConnected("no address", provider=asked.row.name)
        address = server.base_url
    return replace(route(asked.row, asked.call, asked.model), base_url=address)


def question(line: bytes) -> Question:
    """The line as a call. Raises InvalidRequest with what is wrong with it."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise InvalidRequest("not JSON") from None
    _want(isinstance(value, dict), "a line is an object")
    row = table().get(_text(value, "provider"))
    _want(row is not None and row.name not in NOT_ASKED, "no such provider")
    assert row is not None
    base_url = _optional(value, "base_url", str) or ""
    _want(not base_url or base_url.startswith(("http://", "https://")), "base_url is no address")
    if base_url:
        row = replace(row, key_wanted=False)
    call = Call(
        messages=_messages(value.get("messages")),
        max_tokens=_positive(value, "max_tokens", int),
        timeout=_positive(value, "timeout", int, float),
        schema=_optional(value, "schema", dict),
        tools=tuple(_objects(value.get("tools"), "tools")),
        headers=_headers(_optional(value, "headers", dict) or {}),
    )
    if call.schema is not None:
        validator(call.schema)
    streamed = _optional(value, "stream", bool) or False
    return Question(call, row, _text(value, "model"), base_url.rstrip("/"), streamed)


def _want(right: bool, why: str) -> None:
    if not right:
        raise InvalidRequest(why)


def _text(value: Mapping[str, Any], name: str) -> str:
    text = value.get(name)
    _want(isinstance(text, str) and bool(text), f"{name} is missing")
    return str(text)


def _optional(value: Mapping[str, Any], name: str, *types: type) -> Any:
    """The value if it has one of these types; None where it is missing."""
    found = value.get(name)
    right = isinstance(found, types) and (bool in types or not isinstance(found, bool))
    _want(found is None or right, f"{name} has the wrong type")
    return found


def _positive(value: Mapping[str, Any], name: str, *types: type) -> Any:
    found = _optional(value, name, *types)
    _want(found is None or found > 0, f"{name} is not positive")
    return found


def _objects(value: Any, name: str) -> list[Mapping[str, Any]]:
    if value is None:
        return []
    _want(isinstance(value, list) and all(isinstance(item, dict) for item in value), f"{name} is no list of objects")
    return list(value)


def _headers(value: Mapping[str, Any]) -> Mapping[str, str]:
    for name, text in value.items():
        right = isinstance(text, str) and HEADER_VALUE.fullmatch(text) and HEADER_NAME.fullmatch(name)
        _want(bool(right), "headers has what is no header")
    return value


def _messages(value: Any) -> tuple[Message, ...]:
    _want(bool(value), "messages is missing")
    return tuple(_message(item) for item in _objects(value, "messages"))


def _message(item: Mapping[str, Any]) -> Message:
    """OpenAI's shape; `developer` is its newer word for system."""
    role: Any = "system" if item.get("role") == "developer" else item.get("role")
    _want(role in get_args(Role), "messages has an unknown role")
    content = item.get("content")
    _want(content is None or isinstance(content, str | list), "content is neither text nor parts")
    parts = tuple(_objects(content, "content")) if isinstance(content, list) else content or ""
    return Message(
        role=role,
        content=parts,
        tool_calls=tuple(_tool_call(call) for call in _objects(item.get("tool_calls"), "tool_calls")),
        tool_call_id=_optional(item, "tool_call_id", str),
    )


def _tool_call(item: Mapping[str, Any]) -> ToolCall:
    function = item.get("function")
    _want(isinstance(function, dict), "tool_calls has no function")
    assert isinstance(function, dict)
    return ToolCall(str(item.get("id") or ""), _text(function, "name"), str(function.get("arguments") or ""))
