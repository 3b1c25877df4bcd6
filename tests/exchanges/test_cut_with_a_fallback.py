"""THREATS F4 and F5 by the call that the product makes: a stream that is cut anywhere, and another provider at hand.

Before its first word nobody sees that it was cut; after it nothing is written again, and nothing is lost or doubled.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from csuite import llm
from csuite.llm import conf
from csuite.llm.providers import table
from tests.exchanges.recordings import body, cuts, names, recording
from tests.exchanges.replaying import replaying
from tests.exchanges.test_recordings import read
from tests.exchanges.test_recordings_http import AT_ONCE, SAMPLE
from tests.fake_provider import running
from tests.llm.asking import Heard, hear, question

STANDS_IN = "fake-6t"


def places(name: str, step: int) -> list[int]:
    """Before the first byte, after it, at every 200th and wherever an event ends."""
    return sorted({1, *cuts(name)})[::step]


def check(name: str, place: int, heard: Heard, end: str, written: str) -> None:
    """written: by the provider that stands in."""
    what = f"{name} at {place}, {end}"
    before = read(name, body(name)[:place]).text  # all that the cut leaves
    started = [event.provider for event in heard.events if isinstance(event, llm.Started)]
    if heard.error is None:
        assert (started, heard.text) == (["other"], written), what
        assert heard.finished.note, what
        assert not before or end == "reset", what
        return
    assert (heard.kind, started) == ("midstream", [name.partition("/")[0]]), what
    assert not any(isinstance(event, llm.Finished) for event in heard.events), what
    assert heard.text, what
    assert heard.text == before or (end == "reset" and before.startswith(heard.text)), what


async def check_all(exchanges: Iterable[str], end: str, step: int = 1) -> None:
    free = asyncio.Semaphore(AT_ONCE)

    async def at(name: str, place: int) -> None:
        headers = {"x-cut": str(place), "x-end": end}
        async with free:
            check(name, place, await hear(question(headers=headers)), end, written)

    async with replaying() as address, running() as fake:
        with conf.override(PRIMARY="fake", PROVIDERS={"fake": fake.row(STANDS_IN)}):
            written = (await hear()).text
        for name in exchanges:
            provider = name.partition("/")[0]
            first: dict[str, Any] = {"base_url": f"{address}/{name}", "model": "recorded", "key_wanted": False}
            rows = {provider: first, "other": fake.row(STANDS_IN)}
            # So many failures would open the circuit.
            with conf.override(PRIMARY=provider, FALLBACK="other", PROVIDERS=rows, BREAKER={"failures": 1_000_000}):
                await asyncio.gather(*(at(name, place) for place in places(name, step)))


def whole(exchanges: Iterable[str]) -> list[str]:
    """Those that end well where nobody cuts them."""
    return [
        name for name in exchanges if recording(name)["expect"]["error_kind"] is None and name.split("/")[0] in table()
    ]


@pytest.mark.parametrize("end", ["reset", "clean"])
async def test_a_stream_that_is_cut_anywhere_is_stood_in_for_or_interrupted(transport: str, end: str) -> None:
    await check_all(whole(SAMPLE), end)


@pytest.mark.long
@pytest.mark.parametrize("end", ["reset", "clean"])
async def test_a_recorded_stream_that_is_cut_anywhere_is_stood_in_for_or_interrupted(transport: str, end: str) -> None:
    await check_all(whole(name for name in names(streamed=True) if name not in SAMPLE), end, step=3)
