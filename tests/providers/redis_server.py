"""A Redis of the test's own, on a free port, that keeps nothing."""

import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, Popen

import redis


@contextmanager
def redis_server(folder: Path) -> Iterator[tuple[str, "Popen[bytes]"]]:
    """Its address and its process."""
    command = shutil.which("redis-server")
    assert command, "install redis-server: the state of circuits is tested on a real one"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    with Popen([command, *options], stdout=DEVNULL) as process:
        try:
            _until_it_answers(port)
            yield f"redis://127.0.0.1:{port}/0", process
        finally:
            process.kill()


def _until_it_answers(port: int) -> None:
    for _ in range(200):
        try:
            with redis.Redis(port=port) as client:
                client.ping()
            return
        except redis.ConnectionError:
            time.sleep(0.05)
    raise AssertionError("redis-server does not answer")
