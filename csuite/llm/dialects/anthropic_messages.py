"""OpenAI's messages and tools in Anthropic's shape. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from csuite.llm.call import Message

Block = dict[str, Any]
DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+);base64,(.*)", re.DOTALL)
NOT_IN_ID = re.compile(r"[^a-zA-Z0-9_-]")
BEFORE = "The conversation so far:"  # a conversation that begins with an answer


def conversation(messages: Iterable[Message]) -> tuple[str, list[Block]]:
    """The system prompt, and messages in which user and assistant take turns, the user first."""
    system: list[str] = []
    turns: list[Block] = []
    for message in messages:
        if message.role == "system":
            system.append(message.text)
            continue
        role = "assistant" if message.role == "assistant" else "user"
        blocks = _blocks(message)
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        elif blocks:
            turns.append({"role": role, "content": blocks})
    if not turns and system:  # somebody has to be asked
        turns.append({"role": "user", "content": [_text(system.pop())]})
    elif turns and turns[0]["role"] == "assistant":
        turns.insert(0, {"role": "user", "content": [_text(BEFORE)]})
    _end_without_blanks(turns)
    return "\n\n".join(filter(None, system)), turns


def tool(shape: Mapping[str, Any]) -> Mapping[str, Any]:
    """One tool; what is in Anthropic's shape already (their own tools, too) stays as it is."""
    function = shape.get("function")
    if not isinstance(function, Mapping):
        return shape
    made = {
        "name": function.get("name"),
        "input_schema": function.get("parameters") or {"type": "object", "properties": {}},
    }
    if function.get("description"):
        made["description"] = function["description"]
    return made


def tool_choice(choice: str | Mapping[str, Any]) -> Mapping[str, Any]:
    """OpenAI's auto, none, required or one function."""
    if isinstance(choice, str):
        return {"type": "any" if choice == "required" else choice}
    function = choice.get("function")
    return {"type": "tool", "name": function.get("name")} if isinstance(function, Mapping) else choice


def _blocks(message: Message) -> list[Block]:
    content = _content(message.content)
    if message.role == "tool":
        answer: Block = {"type": "tool_result", "tool_use_id": _id(message.tool_call_id or "")}
        return [{**answer, "content": content}] if content else [answer]
    return content + [
        {"type": "tool_use", "id": _id(call.id), "name": call.name, "input": _arguments(call.arguments)}
        for call in message.tool_calls
    ]


def _content(content: str | Sequence[Mapping[str, Any]]) -> list[Block]:
    """Text and image blocks; an empty text is refused there."""
    if isinstance(content, str):
        return [_text(content)] if content.strip() else []
    return [_part(part) for part in content if part.get("type") != "text" or str(part.get("text") or "").strip()]


def _part(part: Mapping[str, Any]) -> Block:
    if part.get("type") == "text":
        return _text(str(part["text"]))
    image = part.get("image_url")
    if image is None:
        return dict(part)
    url = str(image.get("url") if isinstance(image, Mapping) else image)
    if found := DATA_URL.fullmatch(url):
        return {"type": "image", "source": {"type": "base64", "media_type": found[1], "data": found[2]}}
    return {"type": "image", "source": {"type": "url", "url": url}}


def _text(text: str) -> Block:
    return {"type": "text", "text": text}


def _id(id: str) -> str:
    """Ids that another provider gave may hold characters that are refused here."""
    return NOT_IN_ID.sub("_", id) or "call"


def _arguments(text: str) -> Mapping[str, Any]:
    try:
        value = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        return {"arguments": text}
    return value if isinstance(value, Mapping) else {"arguments": value}


def _end_without_blanks(turns: list[Block]) -> None:
    """An answer to go on with must not end in blanks there."""
    if turns and turns[-1]["role"] == "assistant" and (last := turns[-1]["content"][-1])["type"] == "text":
        last["text"] = last["text"].rstrip()
