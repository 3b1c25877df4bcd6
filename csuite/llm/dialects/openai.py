"""OpenAI's chat completions, as spoken by OpenAI and everybody who copies it; differences are fields of the row."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from hashlib import sha256

import orjson

from csuite.llm.call import Call, Message
from csuite.llm.dialects import Said
from csuite.llm.dialects.openai_reader import OpenAIReader
from csuite.llm.dialects.strict_schema import strict
from csuite.llm.errors import InvalidRequest, Unauthenticated
from csuite.llm.http import Post, pieces
from csuite.llm.providers import Provider
from csuite.llm.registry import Route

IN_JSON = "Answer with one JSON object and nothing else. It must fit this JSON Schema: "


class OpenAI:
    """POST <base>/chat/completions, streamed as server-sent events or whole."""

    def run(self, call: Call, route: Route, said: Said, *, streamed: bool) -> AsyncGenerator[str, None]:
        request = body(call, route, streamed=streamed)
        return pieces(
            post(call, route, "/chat/completions", request, streamed=streamed), OpenAIReader(route.provider, said)
        )


def post(call: Call, route: Route, path: str, request: bytes, *, streamed: bool) -> Post:
    """Whom to ask, with which key, and how long to wait. Raises Unauthenticated without a key that is wanted."""
    row = route.provider
    key = row.key()
    if row.key_wanted and row.key_name and key is None:
        raise Unauthenticated(f"{row.key_name} is not set", provider=row.name, model=route.model)
    first = row.patience()
    total = call.timeout or (row.total if streamed else first)
    return Post(
        url=route.base_url + path,
        body=request,
        provider=row.name,
        model=route.model,
        streamed=streamed,
        key=key,
        key_header=row.key_header,
        headers={**row.headers, **(call.headers or {})},
        connect=row.connect,
        first=min(first, total),
        between=row.between if streamed else total,
        total=total,
        guarded=row.guarded,
    )


def body(call: Call, route: Route, *, streamed: bool) -> bytes:
    """The request as JSON: only what the provider documents, nothing of ours (THREATS T34)."""
    row = route.provider
    request: dict[str, object] = {
        "model": route.model,
        "messages": _messages(call, row),
        row.max_tokens_field: route.max_tokens,
    }
    if not route.model.rpartition("/")[2].startswith(row.fixed_temperature or ("\0",)):
        request["temperature"] = route.temperature
    if streamed:
        request["stream"] = True
        if row.stream_options:
            request["stream_options"] = {"include_usage": True}
    if call.tools:
        request["tools"] = list(call.tools)
        if call.tool_choice is not None:
            request["tool_choice"] = call.tool_choice
    if call.schema is not None:
        _ask_for_json(request, call, row, streamed=streamed)
    try:
        return orjson.dumps(request)
    except orjson.JSONEncodeError as error:
        raise InvalidRequest(f"not JSON: {error}", provider=row.name, model=route.model) from None


def _ask_for_json(request: dict[str, object], call: Call, row: Provider, *, streamed: bool) -> None:
    assert call.schema is not None
    mode = "none" if row.json_alone and (streamed or call.tools) else row.json_mode
    if mode in ("strict", "json_schema"):
        enforced = strict(call.schema) if mode == "strict" else None
        schema: dict[str, object] = {"name": "answer", "schema": enforced or call.schema}
        if enforced:
            schema["strict"] = True
        request["response_format"] = {"type": "json_schema", "json_schema": schema}
        return
    wanted = message(Message("system", IN_JSON + orjson.dumps(call.schema).decode()))
    request["messages"] = [wanted, *_messages(call, row)]
    if mode == "json_object":
        request["response_format"] = {"type": "json_object"}


def _messages(call: Call, row: Provider) -> list[Mapping[str, object]]:
    """The messages, with ids of tool calls as the provider wants them: another one may have given them."""
    length = row.tool_id_length
    return [message(_with_ids(m, length) if length else m) for m in call.messages]


def _with_ids(said: Message, length: int) -> Message:
    calls = tuple(replace(call, id=_id(call.id, length)) for call in said.tool_calls)
    answered = said.tool_call_id
    return replace(said, tool_calls=calls, tool_call_id=None if answered is None else _id(answered, length))


def _id(id: str, length: int) -> str:
    fits = len(id) == length and id.isascii() and id.isalnum()
    return id if fits else sha256(id.encode()).hexdigest()[:length]


def message(said: Message) -> Mapping[str, object]:
    """One message in OpenAI's shape."""
    shape: dict[str, object] = {"role": said.role, "content": said.content}
    if said.tool_calls:
        shape["content"] = said.content or None
        shape["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in said.tool_calls
        ]
    if said.tool_call_id is not None:
        shape["tool_call_id"] = said.tool_call_id
    return shape
