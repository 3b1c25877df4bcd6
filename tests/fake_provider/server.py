"""Starts the provider: in this process, or as one of its own."""

import asyncio
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from subprocess import PIPE, Popen
from typing import Any

from tests.fake_provider.connection import Connection
from tests.fake_provider.journal import Entry, Journal
from tests.fake_provider.script import Answer, Script

MODELS = ("fake", "fake-200t-50ms")
STOP_SECONDS = 5


class FakeProvider:
    """One provider with its journal and its script. `url` ends in /v1 and has no slash after it."""

    def __init__(self) -> None:
        self.journal, self.script = Journal(), Script()
        self.models: tuple[str, ...] = MODELS
        self.connections: set[Connection] = set()
        self.port = 0
        self._listener: asyncio.Server | None = None
        self._failed_once: set[str] = set()
        self._calls: Counter[str] = Counter()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def requests(self) -> list[Entry]:
        """Every request since the last `clear`."""
        return self.journal.entries

    def say(self, *answers: Answer | str) -> None:
        """The next requests are answered so."""
        self.script.add(Answer(text=answer) if isinstance(answer, str) else answer for answer in answers)

    def row(self, model: str = "fake", **fields: Any) -> dict[str, Any]:
        """A provider row for settings.LLM["PROVIDERS"]."""
        return {"base_url": self.url, "key_wanted": False, "model": model, "title": "Fake", **fields}

    def flapping(self, model: str, fault: str) -> str:
        """What 429once (every other call of a model fails) and flap<n> (n of a hundred do) mean for this call."""
        if fault == "429once":
            self._failed_once ^= {model}
            return "429" if model in self._failed_once else ""
        if not fault.startswith("flap"):
            return fault
        number, share = self._calls[model], int(fault.removeprefix("flap"))
        self._calls[model] += 1
        return "500" if (number + 1) * share // 100 > number * share // 100 else ""

    def clear(self) -> None:
        self.journal.clear()
        self.script.answers.clear()
        self._failed_once.clear()
        self._calls.clear()

    async def start(self, port: int = 0) -> None:
        """Listens on 127.0.0.1; port 0 takes a free one."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(lambda: Connection(self), "127.0.0.1", port, backlog=4096)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Closes every connection and stops listening."""
        if self._listener:
            self._listener.close()
            for connection in list(self.connections):
                if connection.entry:
                    connection.entry.fault = "killed"
                connection.transport.abort()
            await self._listener.wait_closed()

    async def serve(self) -> None:
        """Until it is cancelled."""
        assert self._listener is not None
        await self._listener.serve_forever()


@asynccontextmanager
async def running(port: int = 0) -> AsyncIterator[FakeProvider]:
    """A provider in this process, on the running loop."""
    fake = FakeProvider()
    await fake.start(port)
    try:
        yield fake
    finally:
        await fake.stop()


@contextmanager
def running_apart() -> Iterator[str]:
    """A provider in a process of its own; gives its address (…/v1). For tests without a loop, and for the bench."""
    command = [sys.executable, "-m", "tests.fake_provider", "--port", "0"]
    with Popen(command, stdout=PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


@contextmanager
def refusing() -> Iterator[str]:
    """The address of a port that nobody listens at, and nobody will meanwhile: connections are refused."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
