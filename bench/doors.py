"""Three ways to the same stream: through csuite, through the bare relay, and straight from the provider.

A door is opened once and then asked; one question is one Record.
"""

import asyncio
import json
import time
import uuid
from typing import Protocol
from urllib.parse import urlsplit

from bench.records import Record
from bench.sockets import SocketClient


class Door(Protocol):
    async def open(self) -> None: ...
    async def ask(self, record: Record, timeout: float) -> None: ...
    def close(self) -> None: ...


class _Waiting:
    """What the doors share: the running record and the future that ends it."""

    def __init__(self) -> None:
        self.record: Record | None = None
        self.over: asyncio.Future[None] | None = None

    def end(self, error: str | None = None) -> None:
        if self.record is None or self.over is None or self.over.done():
            return
        if error is None:
            self.record.ended = time.monotonic_ns()
        else:
            self.record.error = error
        self.over.set_result(None)

    async def wait(self, record: Record, timeout: float) -> None:
        try:
            assert self.over is not None
            await asyncio.wait_for(self.over, timeout)
        except TimeoutError:
            record.error = "timeout"

    def start(self, record: Record) -> None:
        self.record, self.over = record, asyncio.get_running_loop().create_future()
        record.sent = time.monotonic_ns()


class CsuiteDoor(_Waiting):
    """A signed-in person's socket on a conversation of hers (the contract of the product's own page)."""

    def __init__(self, origin: str, cookie: str, conversation: str, persona: str = "cfo") -> None:
        super().__init__()
        self.url = f"{origin.replace('http', 'ws', 1)}/ws/conversations/{conversation}/"
        self.headers = {"Cookie": cookie}
        self.persona = persona
        self.socket: SocketClient | None = None
        self.greeted: asyncio.Future[None] | None = None

    async def open(self) -> None:
        self.greeted = asyncio.get_running_loop().create_future()
        self.socket = await SocketClient.connect(self.url, self.headers, self.read, self.end)
        await asyncio.wait_for(self.greeted, 30)

    def read(self, payload: bytes) -> None:
        head = payload[:40]
        if b"text.delta" in head:
            assert self.record is not None
            self.record.take(payload)
        elif b"turn.finished" in head:
            self.end()
        elif b'"error"' in head:
            self.end(json.loads(payload)["code"])
        elif b"answer.finished" in head and self.record is not None:
            status = json.loads(payload)["status"]
            if status != "complete":
                self.end(f"answer {status}")
        elif b'"hello"' in head and self.greeted and not self.greeted.done():
            self.greeted.set_result(None)

    async def ask(self, record: Record, timeout: float) -> None:
        assert self.socket is not None
        question = {
            "type": "ask",
            "id": str(uuid.uuid4()),
            "text": "Why did gross margin fall last month, and what would you do first?",
            "personas": [self.persona],
            "parent": None,
        }
        self.start(record)
        self.socket.send(json.dumps(question))
        await self.wait(record, timeout)

    def close(self) -> None:
        if self.socket:
            self.socket.abort()


class BareDoor(_Waiting):
    """The bare relay (bench/bare.py): one frame asks, each delta comes as one frame, `done` ends."""

    def __init__(self, origin: str, model: str) -> None:
        super().__init__()
        self.url = f"{origin.replace('http', 'ws', 1)}/ws"
        self.model = model
        self.socket: SocketClient | None = None

    async def open(self) -> None:
        self.socket = await SocketClient.connect(self.url, {}, self.read, self.end)

    def read(self, payload: bytes) -> None:
        if payload == b'{"type":"done"}':
            self.end()
        elif self.record is not None:
            self.record.take(payload)

    async def ask(self, record: Record, timeout: float) -> None:
        assert self.socket is not None
        self.start(record)
        self.socket.send(json.dumps({"model": self.model}))
        await self.wait(record, timeout)

    def close(self) -> None:
        if self.socket:
            self.socket.abort()


class DirectDoor(_Waiting, asyncio.Protocol):
    """The provider's own stream over HTTP, read with nothing in between."""

    def __init__(self, base_url: str, model: str) -> None:
        super().__init__()
        self.parts, self.model = urlsplit(base_url), model
        self.rest = b""
        self.transport: asyncio.Transport | None = None

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_connection(lambda: self, str(self.parts.hostname), self.parts.port or 80)

    def data_received(self, data: bytes) -> None:
        buffer = self.rest + data
        cut = buffer.rfind(b"\n\n") + 2
        if cut < 2:
            self.rest = buffer
            return
        events, self.rest = buffer[:cut], buffer[cut:]
        if self.record is not None:
            self.record.take(events)
        if b"data: [DONE]" in events:
            self.end()

    def connection_lost(self, exc: Exception | None) -> None:
        self.end("lost")

    async def ask(self, record: Record, timeout: float) -> None:
        assert self.transport is not None
        body = json.dumps(
            {
                "model": self.model,
                "messages": [{"role": "user", "content": "hello"}],
                "stream": True,
                "stream_options": {"include_usage": True},
            }
        )
        self.start(record)
        self.transport.write(
            f"POST {self.parts.path}/chat/completions HTTP/1.1\r\nHost: {self.parts.netloc}\r\n"
            f"Authorization: Bearer bench\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        await self.wait(record, timeout)

    def close(self) -> None:
        self.record = None
        if self.transport:
            self.transport.abort()
