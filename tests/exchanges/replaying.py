"""A server that gives back the exchanges of recordings.py, in pieces or cut, as headers of the request say."""

import asyncio
import gzip
import re
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.exchanges.recordings import body, recording

LEFT_OUT = frozenset({"connection", "date", "server", "content-length", "transfer-encoding", "content-encoding"})
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@asynccontextmanager
async def replaying() -> AsyncIterator[str]:
    """The server's address; an exchange lies at <address>/<provider>/<name>.

    Headers of a request: x-split: pieces of so many bytes. x-cut: so many bytes, then a reset; with x-end: clean, then
    the proper end of a body. x-gzip: the body compressed.
    """
    server = await asyncio.start_server(_serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, asyncio.IncompleteReadError):
        await _answer(reader, writer)
    writer.close()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    asked = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    await reader.readexactly(int(asked.get("content-length", "0")))
    name = "/".join(head.split(" ")[1].strip("/").split("/")[:2])
    response, content = recording(name)["response"], body(name)
    headers = {key: value for key, value in response["headers"].items() if _sendable(key, value)}
    if "x-gzip" in asked:
        content, headers["content-encoding"] = gzip.compress(content), "gzip"
    fields = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
    writer.write(f"HTTP/1.1 {response['status']} OK\r\n{fields}transfer-encoding: chunked\r\n\r\n".encode("latin-1"))
    await _send(writer, content, asked)


def _sendable(name: str, value: str) -> bool:
    return name.lower() not in LEFT_OUT and bool(NAME.fullmatch(name)) and value.isprintable() and value.isascii()


async def _send(writer: asyncio.StreamWriter, content: bytes, asked: dict[str, str]) -> None:
    split, cut = int(asked.get("x-split") or len(content) or 1), int(asked.get("x-cut", len(content)))
    for at in range(0, cut, split):
        piece = content[at : min(at + split, cut)]
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        await writer.drain()
        await asyncio.sleep(0)  # else small pieces leave as one
    if "x-cut" in asked and asked.get("x-end") != "clean":
        # What was written has to leave before the reset throws it away.
        await asyncio.sleep(0.001)
        found: socket.socket = writer.get_extra_info("socket")
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        return
    writer.write(b"0\r\n\r\n")
    await writer.drain()
