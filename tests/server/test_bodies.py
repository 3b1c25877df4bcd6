"""A body that is too large is refused before it is read, and the process goes on."""

import contextlib
import socket
from collections.abc import Iterator

import pytest

from csuite.server.bodies import BODY_LIMIT, UPLOADS
from tests.server.running import PATIENCE
from tests.server.test_web import Web


@pytest.fixture
def web() -> Iterator[Web]:
    web = Web()
    yield web
    web.close()


def status(web: Web, head: bytes, body: Iterator[bytes], path: bytes = b"/") -> bytes:
    """The status line that answers the request; sending stops when the server has had enough."""
    with socket.create_connection(("127.0.0.1", web.port), timeout=PATIENCE) as line:
        line.sendall(b"POST " + path + b" HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n")
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for piece in body:
                line.sendall(piece)
        return line.recv(4096).partition(b"\r\n")[0]


def test_a_body_that_says_it_is_too_large_is_refused_at_once(web: Web) -> None:
    head = b"Content-Length: %d\r\n" % (100 * 1024 * 1024)
    assert status(web, head, iter(())) == b"HTTP/1.1 413 Content Too Large"


def test_a_chunked_body_is_counted(web: Web) -> None:
    piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    endless = (piece for _ in range(2 * BODY_LIMIT // 0x10000))
    assert status(web, b"Transfer-Encoding: chunked\r\n", endless) == b"HTTP/1.1 413 Content Too Large"
    assert web.get()


def test_a_body_within_the_limit_is_read(web: Web) -> None:
    assert status(web, b"Content-Length: 5\r\n", iter([b"hello"])) == b"HTTP/1.1 200 OK"


def test_files_may_be_larger_where_they_are_uploaded_and_nowhere_else(web: Web) -> None:
    size = BODY_LIMIT + 1
    head, body = b"Content-Length: %d\r\n" % size, b"x" * size
    assert b" 413 " not in status(web, head, iter([body]), b"/imports/")
    assert status(web, head, iter(()), b"/imports/1/") == b"HTTP/1.1 413 Content Too Large"
    head = b"Content-Length: %d\r\n" % (UPLOADS[b"/imports/"] + 1)
    assert status(web, head, iter(()), b"/imports/") == b"HTTP/1.1 413 Content Too Large"
