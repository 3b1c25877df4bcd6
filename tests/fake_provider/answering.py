"""One answer on one connection: paced by the loop's clock, without a task."""

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

from tests.fake_provider.journal import Entry
from tests.fake_provider.script import SAY, Answer
from tests.fake_provider.steering import count

if TYPE_CHECKING:
    from tests.fake_provider.connection import Connection

BATCH = 32  # pieces in one write when there is no pace
COMMENT_EVERY = 0.05  # seconds, for the fault "comments"
MIDWAY = ("cut", "stall", "fin", "malformed", "errchunk", "comments")
HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n"
    b"transfer-encoding: chunked\r\nx-request-id: req_fake_%d\r\n\r\n"
)


def http_chunk(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


def usage_of(answer: Answer, body: Any, tokens: int) -> Any:
    """The usage object to send, or None."""
    if answer.usage != SAY:
        return answer.usage
    contents = [message.get("content") or "" for message in body.get("messages", [])]
    prompt = sum(count(content if isinstance(content, str) else json.dumps(content)) + 4 for content in contents)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": tokens,
        "total_tokens": prompt + tokens,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }


class Streamed:
    """Sends an answer as server-sent events."""

    def __init__(self, connection: "Connection", entry: Entry, answer: Answer) -> None:
        self.connection, self.entry, self.answer = connection, entry, answer
        self.pieces = answer.pieces
        self.wants_usage = bool((entry.body.get("stream_options") or {}).get("include_usage"))
        midway = answer.fault in MIDWAY
        self.fault_at = (len(self.pieces) // 2 if answer.after is None else answer.after) if midway else -1
        self.pre, self.post = self._envelope()
        self.plain = self.post.replace(b"@", b"null", 1)
        loop = connection.loop
        connection.write(HEAD % entry.number + http_chunk(self._event('{"role":"assistant","content":""}')))
        self.begun = loop.time() + answer.ttft_ms / 1000
        self.timer: asyncio.Handle = loop.call_at(self.begun, self.tick)

    def _envelope(self) -> tuple[bytes, bytes]:
        head: dict[str, object] = {"id": f"chatcmpl-fake{self.entry.number:020d}", "object": "chat.completion.chunk"}
        head |= {"created": 1763000000, "model": self.entry.model, "system_fingerprint": "fp_fake"}
        usage = ',"usage":null' if self.wants_usage else ""
        opened = "data: " + json.dumps(head, separators=(",", ":"))[:-1] + ',"choices":[{"index":0,"delta":'
        return opened.encode(), f',"logprobs":null,"finish_reason":@}}]{usage}}}\n\n'.encode()

    def _event(self, delta: str, finish_reason: str | None = None) -> bytes:
        return self.pre + delta.encode() + self.post.replace(b"@", json.dumps(finish_reason).encode(), 1)

    def tick(self) -> None:
        """Sends what is due and sets the next timer."""
        connection, entry = self.connection, self.entry
        if entry.tokens == self.fault_at:
            self.fault_at = -1
            if self._fail():
                return
        step = self.answer.pace_ms / 1000
        end = min(len(self.pieces), entry.tokens + (1 if step else BATCH))
        if self.fault_at > entry.tokens:
            end = min(end, self.fault_at)
        out = [http_chunk(self._piece(piece)) for piece in self.pieces[entry.tokens : end]]
        connection.write(b"".join(out))
        entry.text += "".join(self.pieces[entry.tokens : end])
        entry.tokens = end
        if end < len(self.pieces) or self.fault_at == end:
            if not connection.paused:
                self.timer = connection.loop.call_at(self.begun + end * step, self.tick)
            return
        self._finish()

    def resume(self) -> None:
        """The client reads again."""
        self.timer.cancel()
        self.timer = self.connection.loop.call_soon(self.tick)

    def _piece(self, piece: str) -> bytes:
        if self.answer.stamp:
            piece = f"{piece}~{time.monotonic_ns()}~"
        return b'%b{"content":%b}%b' % (self.pre, json.dumps(piece).encode(), self.plain)

    def _finish(self) -> None:
        answer, out = self.answer, b""
        if answer.tool_calls:
            out += http_chunk(self._event(json.dumps({"tool_calls": answer.tool_calls})))
        out += http_chunk(self._event("{}", answer.finish_reason))
        usage = usage_of(answer, self.entry.body, self.entry.tokens) if self.wants_usage else None
        if usage is not None:
            chunk = {"id": "chatcmpl-fake", "object": "chat.completion.chunk", "choices": [], "usage": usage}
            out += http_chunk(b"data: %b\n\n" % json.dumps(chunk).encode())
        self.connection.write(out + http_chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")
        self.connection.ended("finished")

    def _fail(self) -> bool:
        """Does what the fault says; True if that was the end."""
        connection, fault = self.connection, self.answer.fault
        if fault == "malformed":
            connection.write(http_chunk(b'data: {"id":"chatcmpl-x","choices":[{"index":0,"delta":{"con\n\n'))
            return False
        if fault == "comments":
            connection.write(http_chunk(b": still thinking\n\n"))
            self.fault_at = self.entry.tokens
            self.timer = connection.loop.call_later(COMMENT_EVERY, self.tick)
        elif fault == "errchunk":
            error = {"error": {"message": "The server had an error", "type": "server_error", "code": None}}
            connection.write(http_chunk(b"data: %b\n\n" % json.dumps(error).encode()) + b"0\r\n\r\n")
            connection.ended("faulted")
        elif fault == "fin":
            connection.write(b"0\r\n\r\n")
            connection.ended("faulted")
        elif fault == "cut":
            connection.reset()
        return True  # stall: silence until the client leaves

    def cancel(self) -> None:
        self.timer.cancel()
