"""Reads the answers of OpenAI and its likes out of bytes, streamed or whole.

Only `content` of the first choice is text. Reasoning has fields of its own (reasoning, reasoning_content,
thinking) and is never shown; its tokens are counted from the usage. A refusal is no text either: an answer that
has nothing else ends as a content_filter.
"""

import json
from typing import Any

import orjson

from csuite.llm.call import ToolCall
from csuite.llm.dialects import Said
from csuite.llm.dialects.reader import Reader, is_error
from csuite.llm.dialects.think_tags import Unthinking
from csuite.llm.errors import Filtered
from csuite.llm.providers import Provider
from csuite.llm.refusals import refusal

DONE = b"[DONE]"
FAILED = "error"  # a finish reason of OpenRouter


class OpenAIReader(Reader):
    """Fed with the body of a 200 of /chat/completions."""

    def __init__(self, row: Provider, said: Said) -> None:
        super().__init__(row, said)
        self._usage_keys = tuple(path[0] for path in row.usage.sits_at)
        self._tools: dict[int, dict[str, str]] = {}
        self._latest = 0  # the tool that a piece without an index belongs to
        self._refusal = ""
        self._seen = False  # there was text
        self._unthinking = Unthinking() if row.think_tags else None

    def end(self) -> str:
        """As Reader's; raises Filtered for an answer that is a refusal only."""
        if self._sniffed and not self.over and not self._row.done_marker and self.said.finish_reason:
            self._done()  # providers whose streams have no terminator: their usage stands in for it
            self.said.whole = self.said.whole and self.said.usage.completion is not None
        text = super().end()
        empty = not (self._seen or text or self.said.tool_calls)
        if empty and (self._refusal or self.said.finish_reason == "content_filter"):
            raise Filtered(self._refusal[:300])
        return text

    def _event(self, name: bytes, data: bytes) -> str:
        if data[:1] == b"[" and data.strip() == DONE:
            self._done()
            return ""
        event = orjson.loads(data)
        self._events += 1
        for key in self._usage_keys:
            if event.get(key):
                self._count(event)
                break
        if event.get("error") or name == b"error" or "choices" not in event or "x_groq" in event:
            self._look_for_error(event, failed=name == b"error")
        text = ""
        for choice in event.get("choices") or ():
            if choice.get("index"):
                continue  # the second of n answers
            if self.error is None and (delta := choice.get("delta")):
                text += self._content(delta)
            reason = choice.get("finish_reason")
            if reason:
                self.moved = True
                self.said.finish_reason = str(reason)
                if reason == FAILED or choice.get("error"):
                    self._fail({"error": choice.get("error") or "the provider failed", "choices": True})
        return text

    def _look_for_error(self, event: Any, *, failed: bool) -> None:
        groq = event.get("x_groq")
        if isinstance(groq, dict) and groq.get("error"):
            event = {"error": groq["error"], "choices": True}
        if failed or is_error(event):
            self._fail(event)

    def _done(self) -> None:
        self.over = True
        self.said.whole = self.error is None and self.said.finish_reason is not None
        self.said.tool_calls = self._tool_calls()

    def _rest(self) -> str:
        return self._unthinking.rest() if self._unthinking and self.error is None else ""

    def _content(self, delta: Any) -> str:
        if delta.get("tool_calls"):
            self._take_tools(delta["tool_calls"])
        elif delta.get("function_call"):  # the legacy form of one tool
            self._take_tools([{"index": 0, "function": delta["function_call"]}])
        content = delta.get("content")
        if not content:
            self.moved = self.moved or any(said for field, said in delta.items() if field != "role")
            if delta.get("refusal"):
                self._refusal += str(delta["refusal"])
            return ""
        self.moved = True
        text: str = content if type(content) is str else _text_of_parts(content)
        if self._unthinking is not None:
            text = self._unthinking.feed(text)
        if text:
            self._seen = True
        return text

    def _take_tools(self, pieces: Any) -> None:
        for piece in pieces:
            function = piece.get("function") or {}
            tool = self._tools.setdefault(self._place(piece, function), {"id": "", "name": "", "arguments": ""})
            tool["id"] = tool["id"] or piece.get("id") or ""
            name = function.get("name") or ""
            if name != tool["name"]:  # some say it again with each piece
                tool["name"] += name
            arguments = function.get("arguments")
            if arguments is not None:
                tool["arguments"] += arguments if isinstance(arguments, str) else json.dumps(arguments)

    def _place(self, piece: Any, function: Any) -> int:
        """Which tool a piece belongs to. Some send no index, or 0 for each of several: a new id with a name is new."""
        index, id = piece.get("index"), piece.get("id")
        place: int = self._latest if index is None else index
        known = self._tools.get(place)
        if known is not None and id and function.get("name") and known["id"] not in ("", id):
            place = next((at for at, tool in self._tools.items() if tool["id"] == id), max(self._tools) + 1)
        elif known is not None and index is None and not id and function.get("name") and known["arguments"]:
            place = max(self._tools) + 1
        self._latest = place
        return place

    def _tool_calls(self) -> tuple[ToolCall, ...]:
        return tuple(ToolCall(**tool) for _, tool in sorted(self._tools.items()))

    def _read_reply(self, reply: Any) -> str:
        choice = next(choice for choice in reply["choices"] if not choice.get("index"))
        self.said.request_id = self.said.request_id or str(reply.get("id") or "")
        self._count(reply)
        if choice.get("error"):
            self.error = refusal(200, {}, orjson.dumps({"error": choice["error"]}))
            return ""
        text = self._content(choice["message"]) + self._rest()
        reason = choice.get("finish_reason")
        self.said.finish_reason = str(reason) if reason else None
        self.said.tool_calls = self._tool_calls()
        self.said.whole = True
        return text


def _text_of_parts(parts: Any) -> str:
    """Mistral may send content in parts; thinking is one of them and is not text."""
    return "".join(part["text"] for part in parts if part.get("type") == "text")
