"""A websocket client made for load: a hand-written protocol, so that the client is not the limit."""

import asyncio
import base64
import os
import struct
from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit


class SocketClient(asyncio.Protocol):
    """One connection. `on_text` is called with every whole text frame, `on_lost` with why it ended.

    `connect` raises ConnectionError when the server does not upgrade.
    """

    def __init__(
        self,
        url: str,
        headers: dict[str, str],
        on_text: Callable[[bytes], None],
        on_lost: Callable[[str], None],
    ) -> None:
        parts = urlsplit(url)
        self.path, self.host = parts.path, parts.netloc
        self.headers = {"Host": self.host, "Origin": f"http://{self.host}", **headers}
        self.on_text, self.on_lost = on_text, on_lost
        self.buffer, self.upgraded, self.part = b"", False, b""
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None

    @classmethod
    async def connect(
        cls,
        url: str,
        headers: dict[str, str],
        on_text: Callable[[bytes], None],
        on_lost: Callable[[str], None],
        timeout: float = 30,
    ) -> "SocketClient":
        parts = urlsplit(url)
        _, client = await asyncio.get_running_loop().create_connection(
            lambda: cls(url, headers, on_text, on_lost), str(parts.hostname), parts.port or 80
        )
        await asyncio.wait_for(client._ready, timeout)
        return client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        lines = [
            f"GET {self.path} HTTP/1.1",
            *(f"{name}: {value}" for name, value in self.headers.items()),
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            "Sec-WebSocket-Version: 13",
        ]
        self.transport.write("\r\n".join([*lines, "", ""]).encode())

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._ready.done():
            self._ready.set_exception(ConnectionError("lost before the upgrade"))
        self.on_lost("lost")

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        if not self.upgraded and not self._upgrade():
            return
        self._frames()

    def _upgrade(self) -> bool:
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        if b" 101 " not in self.buffer[:20]:
            if not self._ready.done():
                self._ready.set_exception(ConnectionError(self.buffer[:60].decode("latin-1")))
            return False
        self.upgraded, self.buffer = True, self.buffer[end + 4 :]
        self._ready.set_result(None)
        return True

    def _frames(self) -> None:
        buffer, position, size = self.buffer, 0, len(self.buffer)
        while size - position >= 2:
            first, length, at = buffer[position], buffer[position + 1] & 127, position + 2
            wide = {126: 2, 127: 8}.get(length, 0)
            if wide:
                if size - at < wide:
                    break
                length, at = int.from_bytes(buffer[at : at + wide], "big"), at + wide
            if size - at < length:
                break
            position = at + length
            self._frame(first, buffer[at:position])
        self.buffer = buffer[position:]

    def _frame(self, first: int, payload: bytes) -> None:
        opcode = first & 15
        if opcode == 9:
            self._write(10, payload)
        elif opcode == 8:
            code = int.from_bytes(payload[:2], "big")
            self.on_lost(f"closed {code}")
        elif first & 128:
            whole, self.part = self.part + payload if self.part else payload, b""
            self.on_text(whole)
        else:
            self.part += payload

    def _write(self, opcode: int, payload: bytes) -> None:
        assert self.transport is not None
        length = len(payload)
        head = bytes((128 | opcode, 128 | length)) if length < 126 else struct.pack("!BBH", 128 | opcode, 254, length)
        # A mask of zeros is legal on the wire and costs nothing here.
        self.transport.write(head + b"\0\0\0\0" + payload)

    def send(self, text: str) -> None:
        self._write(1, text.encode())

    def abort(self) -> None:
        self.on_lost = lambda _why: None
        if self.transport:
            self.transport.abort()
