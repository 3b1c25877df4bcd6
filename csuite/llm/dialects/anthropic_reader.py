"""Reads the answers of Anthropic's Messages out of bytes, streamed or whole.

Only text blocks are text: thinking and its signatures are never shown. Counts come at the beginning and, grown, at
the end. Pings and whatever is new there are passed over.
"""

import json
from typing import Any

import orjson

from csuite.llm.call import ToolCall
from csuite.llm.dialects import Said
from csuite.llm.dialects.reader import Reader
from csuite.llm.errors import Filtered
from csuite.llm.providers import Provider


class AnthropicReader(Reader):
    """Fed with the body of a 200 of /messages. The arguments of the tool named `answer` are the text."""

    def __init__(self, row: Provider, said: Said, answer: str = "") -> None:
        super().__init__(row, said)
        self._answer = answer
        self._tools: dict[int, dict[str, str]] = {}
        self._given: dict[int, str] = {}  # arguments that came whole, at a tool's start
        self._answering = -1  # the block that is the answer as a tool's arguments
        self._seen = False

    def end(self) -> str:
        """As Reader's; raises Filtered for an answer that was refused before its first word."""
        text = super().end()
        if self.said.finish_reason == "refusal" and not (self._seen or text or self.said.tool_calls):
            raise Filtered("refused")
        return text

    def _event(self, name: bytes, data: bytes) -> str:
        event = orjson.loads(data)
        kind = event.get("type")
        if kind == "ping":
            return ""
        self._events += 1
        if kind == "content_block_delta":
            return "" if self.error is not None else self._delta(event["index"], event["delta"])
        if kind == "content_block_start":
            return "" if self.error is not None else self._start(event["index"], event["content_block"])
        if kind in ("message_start", "message_delta"):
            self._count(event)
            self._take_reason(event.get("delta") or {})
            self.moved = self.moved or kind == "message_delta"
        elif kind == "message_stop":
            self.over = True
            self.said.tool_calls = self._tool_calls()
            self.said.whole = self.error is None and self.said.finish_reason is not None
        elif kind == "error" or name == b"error" or event.get("error"):
            self._fail(event)
        return ""

    def _take_reason(self, delta: Any) -> None:
        if delta.get("stop_reason"):
            self.said.finish_reason = str(delta["stop_reason"])

    def _start(self, index: int, block: Any) -> str:
        kind = block["type"]
        self.moved = self.moved or kind != "text" or bool(block.get("text"))
        if kind == "text":
            return self._text(block.get("text") or "")
        if kind == "tool_use":
            given = json.dumps(block["input"]) if block.get("input") else ""
            if self._answer and block["name"] == self._answer:
                self._answering = index
                return self._text(given)
            self._tools[index] = {"id": block["id"], "name": block["name"], "arguments": ""}
            self._given[index] = given
        return ""

    def _delta(self, index: int, delta: Any) -> str:
        kind = delta["type"]
        self.moved = self.moved or any(said for field, said in delta.items() if field != "type")
        if kind == "text_delta":
            return self._text(delta["text"])
        if kind == "input_json_delta":
            if index == self._answering:
                return self._text(delta["partial_json"])
            if index in self._tools:  # else a tool that runs on their side
                self._tools[index]["arguments"] += delta["partial_json"]
        return ""

    def _text(self, text: str) -> str:
        if text:
            self._seen = True
        return text

    def _tool_calls(self) -> tuple[ToolCall, ...]:
        return tuple(
            ToolCall(tool["id"], tool["name"], tool["arguments"] or self._given[index])
            for index, tool in sorted(self._tools.items())
        )

    def _read_reply(self, reply: Any) -> str:
        text = ""
        for index, block in enumerate(reply["content"]):
            text += self._start(index, block)
            if index in self._tools:
                self._tools[index]["arguments"] = json.dumps(block.get("input") or {})
        self._count(reply)
        self._take_reason(reply)
        self.said.request_id = self.said.request_id or str(reply.get("id") or "")
        self.said.tool_calls = self._tool_calls()
        self.said.whole = True
        return text
