"""`python -m bench.messages --port N`: a provider that speaks Anthropic's Messages and does nothing else.

Told by POST /script what everybody is answered ({"pieces", "pace_ms"}), like tests.fake_provider.
"""

import argparse
import asyncio
import contextlib
import json
from typing import Any, cast

import uvloop

STARTED: dict[str, Any] = {
    "id": "msg_bench",
    "type": "message",
    "role": "assistant",
    "model": "bench",
    "stop_reason": None,
    "stop_sequence": None,
    "content": [],
    "usage": {"input_tokens": 40, "output_tokens": 1},
}
HEAD = b"HTTP/1.1 200 OK\r\nrequest-id: req_bench\r\ncontent-type: %b\r\n"
told: dict[str, Any] = {"pieces": [" w"], "pace_ms": 0.0}


def event(kind: str, **fields: Any) -> bytes:
    """One server-sent event in one chunk of the body."""
    body = b"event: %b\ndata: %b\n\n" % (kind.encode(), json.dumps({"type": kind, **fields}).encode())
    return b"%x\r\n%b\r\n" % (len(body), body)


def opening() -> bytes:
    block = {"type": "text", "text": ""}
    return event("message_start", message=STARTED) + event("content_block_start", index=0, content_block=block)


def piece(text: str) -> bytes:
    return event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})


def closing(tokens: int) -> bytes:
    delta = {"stop_reason": "end_turn", "stop_sequence": None}
    ended = event("message_delta", delta=delta, usage={"output_tokens": tokens}) + event("message_stop")
    return event("content_block_stop", index=0) + ended + b"0\r\n\r\n"


def whole(pieces: list[str]) -> bytes:
    usage = {"input_tokens": 40, "output_tokens": len(pieces)}
    content = [{"type": "text", "text": "".join(pieces)}]
    return json.dumps({**STARTED, "content": content, "stop_reason": "end_turn", "usage": usage}).encode()


class Connection(asyncio.Protocol):
    """One request after the other."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.loop, self.buffer = asyncio.get_running_loop(), b""
        self.timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.timer:
            self.timer.cancel()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        names = {name.lower(): value for name, _, value in (line.partition(b": ") for line in head.split(b"\r\n"))}
        size = int(names.get(b"content-length", 0))
        if not found or len(rest) < size:
            return
        self.buffer = rest[size:]
        self.answer(head.split(b" ", 2)[1], json.loads(rest[:size] or b"{}"))

    def answer(self, path: bytes, asked: dict[str, Any]) -> None:
        if path == b"/script":
            told.update(asked)
        pieces: list[str] = told["pieces"]
        if not asked.get("stream"):
            body = whole(pieces)
            head = HEAD % b"application/json" + b"content-length: %d\r\n\r\n" % len(body)
            self.transport.write(head + body)
            return
        self.transport.write(HEAD % b"text/event-stream" + b"transfer-encoding: chunked\r\n\r\n" + opening())
        self.say(pieces, 0, self.loop.time())

    def say(self, pieces: list[str], at: int, begun: float) -> None:
        """Every piece at its time, the end with the last."""
        last = at + 1 == len(pieces)
        self.transport.write(piece(pieces[at]) + (closing(len(pieces)) if last else b""))
        if not last:
            due = begun + (at + 1) * told["pace_ms"] / 1000
            self.timer = self.loop.call_at(due, self.say, pieces, at + 1, begun)


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(main(parser.parse_args().port))
