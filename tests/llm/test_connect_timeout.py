"""A host that takes no connection and refuses none (THREATS F1): the wait for it is short, and another one answers."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from csuite.llm import breaker, conf
from tests.fake_provider import FakeProvider
from tests.llm.asking import hear, primary, question
from tests.llm.conftest import KeepingMeter

FULL = 16  # connections that fill the queue of a listener that has room for one


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a listener whose queue is full: further connections are neither taken nor refused."""
    with ExitStack() as held:
        listener = held.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(FULL):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


@pytest.mark.usefixtures("transport")
async def test_connecting_has_a_limit_of_its_own_and_counts_as_a_timeout(
    fake_provider: FakeProvider, meter: KeepingMeter, silent: str
) -> None:
    rows = {"other": fake_provider.row("fake-4t", title="Other")}
    with primary(fake_provider, base_url=silent, connect=0.03, rows=rows), conf.override(FALLBACK="other"):
        for _ in range(7):
            heard = await hear(question(patience="interactive"))
            assert (heard.error, heard.finished.provider) == (None, "other")
        assert list(await breaker.standing()) == ["fake"]
    assert [row.error_kind for row in meter.attempts if row.provider == "fake"] == ["timeout"] * 6
    assert heard.finished.note == "Fake took too long, so fake-4t on Other wrote this."
    first = meter.attempts[0]
    assert first.usage.prompt is None, "nobody was asked, so nothing is billed"
    assert first.cost == 0
