"""One connection of a client: a small HTTP/1.1 server on a bare protocol."""

import asyncio
import hashlib
import json
import socket
import struct
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from tests.fake_provider.answering import Streamed
from tests.fake_provider.journal import Entry
from tests.fake_provider.script import Answer
from tests.fake_provider.steering import spoken, steered
from tests.fake_provider.wire import AnthropicWire, Wire, counts, wire_of

if TYPE_CHECKING:
    from tests.fake_provider.server import FakeProvider

LIMITS = ("max_tokens", "max_completion_tokens")
ERRORS = {
    400: ("invalid_request_error", None),
    401: ("invalid_request_error", "invalid_api_key"),
    402: ("insufficient_quota", "insufficient_quota"),
    404: ("invalid_request_error", "model_not_found"),
    429: ("requests", "rate_limit_exceeded"),
}
ANTHROPIC_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    529: "overloaded_error",
}


class Connection(asyncio.Protocol):
    """Reads requests one after the other; the next waits until the last is answered."""

    transport: asyncio.Transport

    def __init__(self, server: "FakeProvider") -> None:
        self.server, self.loop = server, asyncio.get_running_loop()
        self.buffer = b""
        self.entry: Entry | None = None
        self.wire: Wire | None = None
        self.answer: Streamed | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.write = self.transport.write
        self.server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.server.connections.discard(self)
        self.ended("aborted")

    def pause_writing(self) -> None:
        self.paused = True

    def resume_writing(self) -> None:
        self.paused = False
        if self.answer:
            self.answer.resume()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while self.entry is None:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            line, *lines = self.buffer[:end].decode("latin-1").split("\r\n")
            headers = {name.strip().lower(): value.strip() for name, _, value in (at.partition(":") for at in lines)}
            size = int(headers.get("content-length", 0))
            if len(self.buffer) < end + 4 + size:
                return
            body, self.buffer = self.buffer[end + 4 : end + 4 + size], self.buffer[end + 4 + size :]
            method, target, _ = line.split(" ", 2)
            self._request(method, target.partition("?")[0], headers, body)

    def _request(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        if method == "POST" and path != "/script":
            try:
                asked = json.loads(body or b"{}")
            except ValueError:
                self._error(400, "not JSON")
                return
            self.entry = self.server.journal.begin(path, asked, headers)
            self._model(path, asked, body.decode("utf-8", "replace"))
        else:
            self._control(method, path, body)

    def _control(self, method: str, path: str, body: bytes) -> None:
        server = self.server
        if (method, path) == ("POST", "/script"):
            told = json.loads(body)
            server.script.add(Answer.from_json(answer) for answer in told.get("answers", [told]))
            self.json({"waiting": len(server.script.answers)})
        elif (method, path) == ("DELETE", "/journal"):
            server.clear()
            self.json({"ok": True})
        elif path == "/journal":
            self.json(server.journal.as_json())
        elif path == "/stats":
            self.json(server.journal.stats())
        elif path.endswith("/models"):
            rows = [
                {"id": name, "object": "model", "created": 1763000000, "owned_by": "fake"} for name in server.models
            ]
            self.json({"object": "list", "data": rows})
        else:
            self.json({"ok": True})

    def _model(self, path: str, asked: Any, raw: str) -> None:
        model = str(asked.get("model", ""))
        users = [message for message in asked.get("messages", []) if message.get("role") == "user"]
        question = users[-1].get("content") if users else ""
        answer = self.server.script.take(raw) or steered(model, question if isinstance(question, str) else "")
        if answer.fault == "forever":
            answer.pieces = spoken("", next(asked[name] for name in LIMITS if name in asked))
            answer.finish_reason = "length"
        fault = self.server.flapping(model, answer.fault)
        entry = cast(Entry, self.entry)
        self.wire = wire_of(path, entry, answer)
        entry.prompt, _ = counts(answer, asked, 0)
        entry.fault = fault
        if answer.body is not None:
            self._raw(answer)
        elif fault == "gone":
            self.reset()
        elif fault.isdigit():
            self._error(int(fault), "Told to fail", answer.headers)
        elif fault == "html":
            self._raw(Answer(body="<html><body>Bad gateway</body></html>", headers={"content-type": "text/html"}))
        elif fault == "hang":
            pass
        elif path.endswith("/embeddings"):
            self._embeddings(asked)
        elif asked.get("stream"):
            self.answer = Streamed(self, entry, answer, self.wire)
        else:
            self.timer = self.loop.call_later(answer.ttft_ms / 1000, self._whole, answer)

    def _whole(self, answer: Answer) -> None:
        entry = cast(Entry, self.entry)
        entry.tokens, entry.text = len(answer.pieces), "".join(answer.pieces)
        reply = cast(Wire, self.wire).whole(entry.tokens, entry.text)
        self.json(reply, extra=f"x-request-id: req_fake_{entry.number}\r\n{_lines(answer.headers)}")
        self.ended("finished")

    def _embeddings(self, asked: Any) -> None:
        texts = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
        digests = [hashlib.sha256(text.encode()).digest()[:8] for text in texts]
        rows = [{"index": at, "embedding": [byte / 255 for byte in digest]} for at, digest in enumerate(digests)]
        tokens = sum(-(-len(text) // 4) for text in texts)
        self.json({"object": "list", "data": rows, "usage": {"prompt_tokens": tokens, "total_tokens": tokens}})
        self.ended("finished")

    def _raw(self, answer: Answer) -> None:
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body or b""
        lines = _lines(answer.headers)
        cast(Entry, self.entry).status = answer.status
        self._reply(answer.status, body, lines or "content-type: application/json\r\n")
        self.ended("finished")

    def _error(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        kind, code = ERRORS.get(status, ("server_error" if status >= 500 else "invalid_request_error", None))
        wait = {"retry-after": "1"} if status == 429 else {}
        if self.entry:
            self.entry.status = status
        if isinstance(self.wire, AnthropicWire):
            kind = ANTHROPIC_ERRORS.get(status, "api_error")
        value = self.wire.refusal(kind, code, message) if self.wire else {"error": {"message": message, "type": kind}}
        self.json(value, status, _lines({**wait, **(headers or {})}))
        self.ended("faulted")

    def json(self, value: Any, status: int = 200, extra: str = "") -> None:
        """Replies with a JSON body."""
        self._reply(status, json.dumps(value).encode(), f"content-type: application/json\r\n{extra}")

    def _reply(self, status: int, body: bytes, lines: str) -> None:
        try:
            phrase = HTTPStatus(status).phrase
        except ValueError:
            phrase = "Told So"
        head = f"HTTP/1.1 {status} {phrase}\r\ncontent-length: {len(body)}\r\n{lines}\r\n"
        self.write(head.encode("latin-1") + body)

    def ended(self, outcome: str) -> None:
        """The request in hand is over."""
        if self.timer:
            self.timer.cancel()
        if self.answer:
            self.answer.cancel()
        if self.entry:
            self.server.journal.end(self.entry, outcome)
        self.entry = self.answer = self.timer = self.wire = None
        if self.buffer and outcome != "aborted":
            self.loop.call_soon(self.data_received, b"")

    def reset(self) -> None:
        """Closes the connection with a reset, as a crashed proxy does."""
        self.ended("faulted")
        found: socket.socket = self.transport.get_extra_info("socket")
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


def _lines(headers: dict[str, str]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())
