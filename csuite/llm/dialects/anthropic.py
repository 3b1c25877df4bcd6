"""Anthropic's Messages: what is asked in OpenAI's shape is asked there in theirs."""

from collections.abc import AsyncGenerator

import orjson

from csuite.llm.call import Call
from csuite.llm.dialects import Said
from csuite.llm.dialects.anthropic_messages import conversation, tool, tool_choice
from csuite.llm.dialects.anthropic_reader import AnthropicReader
from csuite.llm.dialects.openai import IN_JSON, post
from csuite.llm.dialects.strict_schema import strict
from csuite.llm.errors import InvalidRequest
from csuite.llm.http import pieces
from csuite.llm.registry import Route

ANSWER = "answer"  # the tool that takes an answer as data where there is no JSON mode
HOTTEST = 1.0


class Anthropic:
    """POST <base>/messages, streamed as server-sent events or whole."""

    def run(self, call: Call, route: Route, said: Said, *, streamed: bool) -> AsyncGenerator[str, None]:
        request = post(call, route, "/messages", body(call, route, streamed=streamed), streamed=streamed)
        by_tool = ANSWER if call.schema is not None else ""
        return pieces(request, AnthropicReader(route.provider, said, by_tool))


def body(call: Call, route: Route, *, streamed: bool) -> bytes:
    """The request as JSON: only what Anthropic documents, nothing of ours (THREATS T34)."""
    row = route.provider
    system, messages = conversation(call.messages)
    request: dict[str, object] = {"model": route.model, "max_tokens": route.max_tokens, "messages": messages}
    if system:
        request["system"] = system
    if not _begins(route.model, row.fixed_temperature):
        request["temperature"] = min(route.temperature, HOTTEST)
    if streamed:
        request["stream"] = True
    if call.tools:
        request["tools"] = [tool(shape) for shape in call.tools]
        if call.tool_choice is not None:
            request["tool_choice"] = tool_choice(call.tool_choice)
    if call.schema is not None:
        _ask_for_json(request, call, route)
    try:
        return orjson.dumps(request)
    except orjson.JSONEncodeError as error:
        raise InvalidRequest(f"not JSON: {error}", provider=row.name, model=route.model) from None


def _ask_for_json(request: dict[str, object], call: Call, route: Route) -> None:
    """A schema that Anthropic enforces, else a tool that must be called: its arguments are then the answer."""
    assert call.schema is not None
    old = _begins(route.model, route.provider.json_by_tool)
    if not old and (enforced := strict(call.schema)) is not None:
        request["output_config"] = {"format": {"type": "json_schema", "schema": enforced}}
    elif call.schema.get("type") == "object" and not _begins(route.model, route.provider.fixed_temperature):
        taking = {"name": ANSWER, "description": "Takes the whole answer.", "input_schema": call.schema}
        request["tools"] = [*(tool(shape) for shape in call.tools), taking]
        request["tool_choice"] = {"type": "any"} if call.tools else {"type": "tool", "name": ANSWER}
    else:  # the newest models cannot be made to call a tool
        wanted = IN_JSON + orjson.dumps(call.schema).decode()
        request["system"] = f"{request['system']}\n\n{wanted}" if "system" in request else wanted


def _begins(model: str, prefixes: tuple[str, ...]) -> bool:
    return bool(prefixes) and model.startswith(prefixes)
