"""Daphne as we run it: limits with clean closes, slow readers, proxies, and leaving in order."""

import os
import signal
import socket
import sys
import urllib.request
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from csuite.server.home import ROOT
from tests.server.running import PATIENCE, Running


class Web(Running):
    """The small web process and its port."""

    def __init__(self, mode: str = "direct") -> None:
        super().__init__([sys.executable, "-m", "tests.server.small_web", mode], os.environ, cwd=ROOT)
        self.port = int(self.line("port").partition(" ")[2])

    def get(self, **headers: str) -> str:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/", headers=headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return str(response.read().decode())

    def socket(self, path: str = "/") -> ClientConnection:
        return connect(f"ws://127.0.0.1:{self.port}{path}", max_size=None, open_timeout=PATIENCE)


@pytest.fixture
def web() -> Iterator[Web]:
    web = Web()
    yield web
    web.close()


def close_code(connection: ClientConnection) -> int | None:
    """The code of the close frame that comes next; None when the line just went dead."""
    try:
        while True:
            connection.recv(timeout=PATIENCE)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


def test_it_runs_on_uvloop(web: Web) -> None:
    assert "uvloop" in web.get()


def test_a_message_of_64_kib_passes_and_a_larger_one_closes_1009(web: Web) -> None:
    with web.socket() as connection:
        connection.send("x" * 65536)
        assert connection.recv(timeout=PATIENCE) == "65536"
        connection.send("x" * 65537)
        assert close_code(connection) == 1009


def test_text_that_is_no_utf8_closes_1007(web: Web) -> None:
    with web.socket() as connection:
        connection.send(b"\xff\xfe", text=True)
        assert close_code(connection) == 1007


def test_a_reader_that_stops_reading_is_cut(web: Web) -> None:
    with web.socket("/flood"):
        web.line("closed")


def test_a_slow_download_makes_its_producer_wait(web: Web) -> None:
    with socket.create_connection(("127.0.0.1", web.port)) as slow:
        slow.sendall(b"GET /stream HTTP/1.1\r\nHost: here\r\n\r\n")
        slow.recv(1)
        # Another request is answered meanwhile, and after it the stream has not run to its end.
        web.get()
        assert "chunk 799" not in web.text()
        slow.settimeout(PATIENCE)
        while "chunk 799" not in web.text():
            assert slow.recv(1 << 20)


def test_a_client_names_neither_its_address_nor_the_root_path(web: Web) -> None:
    said = web.get(**{"X-Forwarded-For": "6.6.6.6", "Daphne-Root-Path": "/evil"})
    assert said.startswith("127.0.0.1 ''")


def test_behind_a_trusted_proxy_the_last_address_counts() -> None:
    web = Web("trust")
    try:
        assert web.get(**{"X-Forwarded-For": "6.6.6.6, 192.0.2.7"}).startswith("192.0.2.7 ")
    finally:
        web.close()


def test_leaving_lets_hooks_finish_then_closes_sockets_with_1012(web: Web) -> None:
    with web.socket() as connection:
        connection.send("hello")
        connection.recv(timeout=PATIENCE)
        web.signal(signal.SIGTERM)
        web.line("hook began")
        with pytest.raises(OSError, match=r"refused|reset"):
            socket.create_connection(("127.0.0.1", web.port)).close()
        assert close_code(connection) == 1012
    web.line("left")
    assert web.wait() == 0
    assert web.text().index("hook ended") < web.text().index("closed 1012")
