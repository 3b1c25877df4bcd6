"""Reads OpenAI's answers out of bytes, streamed or whole; pure, so that recordings test it without a socket.

Only `content` of the first choice is text. Reasoning has fields of its own (reasoning, reasoning_content,
thinking) and is never shown; its tokens are counted from the usage.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any

import orjson

from csuite.llm.call import ToolCall
from csuite.llm.dialects import Said
from csuite.llm.errors import BrokenOff, LLMError, Malformed
from csuite.llm.providers import Provider
from csuite.llm.refusals import describe, refusal
from csuite.llm.sse import Decoder, TooLarge

log = logging.getLogger(__name__)
BODY_LIMIT = 32 << 20  # bytes of an answer that is not streamed


class OpenAIReader:
    """Fed with the body of a 200; fills `said`. What it is (events or one JSON object) shows in its first byte."""

    def __init__(self, row: Provider, said: Said) -> None:
        self.said = said
        self.over = False
        self.error: LLMError | None = None
        self._row = row
        self._usage = row.usage
        self._usage_keys = tuple(path[0] for path in row.usage.sits_at)
        self._decoder = Decoder()
        self._events = 0
        self._tools: dict[int, dict[str, str]] = {}
        self._whole: bytearray | None = None  # one JSON object, not events
        self._sniffed = False

    def opened(self, headers: Mapping[str, str]) -> None:
        """Takes the provider's id of the request."""
        self.said.request_id = next((value for name in self._row.request_id if (value := headers.get(name))), "")

    def refused(self, status: int, headers: Mapping[str, str], body: bytes) -> LLMError:
        """The error of a status that is no success."""
        self.opened(headers)
        error = refusal(status, headers, body)
        error.request_id = self.said.request_id
        return error

    def feed(self, chunk: bytes) -> str:
        """The text in these bytes. After an error event only usage is read."""
        if not self._sniffed:
            self._sniff(chunk)
        if self._whole is not None:
            self._whole += chunk
            if len(self._whole) > BODY_LIMIT:
                raise TooLarge(f"more than {BODY_LIMIT} bytes")
            return ""
        if self.over:
            return ""
        text = ""
        for name, data in self._decoder.feed(chunk):
            if data == b"[DONE]":
                self._done()
                break
            try:
                event = orjson.loads(data)
                text += self._take(event, failed=name == b"error")
            except (orjson.JSONDecodeError, AttributeError, TypeError, KeyError, IndexError):
                log.warning("%s sent a malformed chunk of %d bytes; skipped", self._row.name, len(data))
        return text

    def end(self) -> str:
        """The text of an answer that was not streamed. Raises LLMError unless the answer is whole."""
        text = "" if self._whole is None else self._read_whole(bytes(self._whole))
        if self.error is not None:
            raise self.error
        if not self.said.whole:
            if not self._events and self._whole is None:
                raise Malformed("no event in the answer")
            raise BrokenOff("the stream ended without its terminator")
        return text

    def _sniff(self, chunk: bytes) -> None:
        start = chunk.lstrip()
        if start:
            self._sniffed = True
            if start.startswith((b"{", b"[")):
                self._whole = bytearray()

    def _done(self) -> None:
        self.over = True
        self.said.whole = self.error is None and self.said.finish_reason is not None
        self.said.tool_calls = self._tool_calls()

    def _take(self, event: Any, *, failed: bool = False) -> str:
        self._events += 1
        for key in self._usage_keys:
            if event.get(key):
                self._count(event)
                break
        if failed or event.get("error"):
            self._fail(event)
        if self.error is not None:
            return ""
        text = ""
        for choice in event.get("choices") or ():
            if choice.get("index"):
                continue  # the second of n answers
            delta = choice.get("delta")
            if delta:
                text += self._content(delta)
            reason = choice.get("finish_reason")
            if reason:
                self.said.finish_reason = str(reason)
        return text

    def _content(self, delta: Any) -> str:
        if delta.get("tool_calls"):
            self._take_tools(delta["tool_calls"])
        elif delta.get("function_call"):  # the legacy form of one tool
            self._take_tools([{"index": 0, "function": delta["function_call"]}])
        content = delta.get("content")
        if not content:
            return ""
        text: str = content if type(content) is str else _text_of_parts(content)
        # PostgreSQL keeps no NUL, and no text has one.
        return text if "\0" not in text else text.replace("\0", "\ufffd")

    def _take_tools(self, pieces: Any) -> None:
        for place, piece in enumerate(pieces):
            tool = self._tools.setdefault(piece.get("index", place), {"id": "", "name": "", "arguments": ""})
            function = piece.get("function") or {}
            tool["id"] = piece.get("id") or tool["id"]
            tool["name"] += function.get("name") or ""
            arguments = function.get("arguments") or ""
            tool["arguments"] += arguments if isinstance(arguments, str) else json.dumps(arguments)

    def _tool_calls(self) -> tuple[ToolCall, ...]:
        return tuple(ToolCall(**tool) for _, tool in sorted(self._tools.items()))

    def _count(self, event: Mapping[str, object]) -> None:
        raw = self._usage.find(event)
        if raw is not None:
            self.said.usage = self._usage.read(raw)
            self.said.billed_cost = self._usage.billed_cost(raw)

    def _fail(self, event: Any) -> None:
        if self.error is None:
            said = describe(event)
            word = f" ({said.words[0]})" if said.words else ""
            self.error = BrokenOff(f"{said.message}{word}", request_id=self.said.request_id)

    def _read_whole(self, body: bytes) -> str:
        try:
            reply = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise Malformed("the answer is not JSON") from None
        if isinstance(reply, dict) and reply.get("error"):
            self.error = refusal(200, {}, body)
            self.error.request_id = self.said.request_id
            return ""
        try:
            return self._read_reply(reply)
        except (AttributeError, TypeError, KeyError, IndexError):
            raise Malformed("the answer has no choices") from None

    def _read_reply(self, reply: Any) -> str:
        choice = next(choice for choice in reply["choices"] if not choice.get("index"))
        text = self._content(choice["message"])
        self._count(reply)
        self.said.finish_reason = str(choice.get("finish_reason") or "")
        self.said.tool_calls = self._tool_calls()
        self.said.request_id = self.said.request_id or str(reply.get("id") or "")
        self.said.whole = True
        return text


def _text_of_parts(parts: Any) -> str:
    """Mistral may send content in parts; thinking is one of them and is not text."""
    return "".join(part["text"] for part in parts if part.get("type") == "text")
