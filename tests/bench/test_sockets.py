"""The load client reads frames of every length in pieces of every size."""

import asyncio
import struct
from typing import Any

import pytest

from bench.sockets import SocketClient


class Wire(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.sent = b""

    def write(self, data: Any) -> None:
        self.sent += data

    def abort(self) -> None:
        pass


def frame(payload: bytes, first: int = 0x81) -> bytes:
    length = len(payload)
    if length < 126:
        return bytes((first, length)) + payload
    if length < 65536:
        return struct.pack("!BBH", first, 126, length) + payload
    return struct.pack("!BBQ", first, 127, length) + payload


@pytest.mark.parametrize("size", [1, 7, 100_000])
async def test_frames_come_whole_whatever_the_pieces(size: int) -> None:
    texts: list[bytes] = []
    lost: list[str] = []
    client, wire = SocketClient("ws://127.0.0.1:1/ws", {"Cookie": "a=b"}, texts.append, lost.append), Wire()
    client.connection_made(wire)
    assert b"Cookie: a=b\r\n" in wire.sent
    payloads = [b"short", b"m" * 300, b"l" * 70_000]
    said = b"HTTP/1.1 101 Switching\r\n\r\n" + b"".join(map(frame, payloads))
    said += frame(b"one ", 0x01) + frame(b"two", 0x80) + frame(b"ping", 0x89) + frame(struct.pack("!H", 1012), 0x88)
    for at in range(0, len(said), size):
        client.data_received(said[at : at + size])
    assert texts == [*payloads, b"one two"]
    assert lost == ["closed 1012"]
    assert wire.sent.endswith(bytes((0x8A, 0x84)) + b"\0\0\0\0ping")


async def test_a_refused_handshake_is_an_error() -> None:
    client = SocketClient("ws://127.0.0.1:1/ws", {}, lambda _: None, lambda _: None)
    client.connection_made(Wire())
    client.data_received(b"HTTP/1.1 403 Forbidden\r\n\r\n")
    with pytest.raises(ConnectionError, match="403"):
        await client._ready
