"""Many streams at once through doors of one kind, and what the server used for them."""

import asyncio
import json
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass

from bench.doors import Door
from bench.machine import Running
from bench.records import Record, Summary, summary

OPEN_AT_ONCE = 50
SAMPLE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider says to every request: `tokens`, `pace_ms` apart."""

    tokens: int
    pace_ms: float

    @property
    def seconds(self) -> float:
        return self.tokens * self.pace_ms / 1000


@dataclass(frozen=True, slots=True)
class Run:
    """One run. CPU in microseconds a token, memory in kB a stream; None where no server was watched."""

    summary: Summary
    cpu_us: float | None
    kilobytes: float | None


def tell(provider: str, answer: Answer) -> None:
    """From now on the provider (base URL) answers so; each token carries its clock."""
    root = provider.removesuffix("/v1")
    urllib.request.urlopen(urllib.request.Request(f"{root}/journal", method="DELETE"), timeout=10).close()
    script = {"pieces": [" w"] * answer.tokens, "pace_ms": answer.pace_ms, "stamp": True, "repeat": True}
    request = urllib.request.Request(f"{root}/script", json.dumps(script).encode(), method="POST")
    urllib.request.urlopen(request, timeout=10).close()


async def run(
    doors: Sequence[Door], answer: Answer, server: Running | None = None, ramp: float = 0.05, asks: int = 1
) -> Run:
    """Opens all doors, then asks through each, the first questions spread over `ramp` seconds."""
    if server:
        server.mark()
    try:
        for at in range(0, len(doors), OPEN_AT_ONCE):
            await asyncio.gather(*(door.open() for door in doors[at : at + OPEN_AT_ONCE]))
        await asyncio.sleep(0.2)
        before, memory = (server.used(), server.memory_at_mark) if server else (0.0, 0)
        watch = asyncio.ensure_future(_watch(server))
        records: list[Record] = []
        delays = [ramp * at / len(doors) for at in range(len(doors))]
        await asyncio.gather(
            *(_person(door, delay, asks, answer, records) for door, delay in zip(doors, delays, strict=True))
        )
        watch.cancel()
    finally:
        for door in doors:
            door.close()
    found = summary(records, answer.tokens)
    if server is None or not found.tokens:
        return Run(found, None, None)
    server.memory()
    cpu = (server.used() - before) / found.tokens * 1e6
    return Run(found, round(cpu, 1), round((server.peak - memory) / 1024 / len(doors), 1))


async def _person(door: Door, delay: float, asks: int, answer: Answer, records: list[Record]) -> None:
    await asyncio.sleep(delay)
    for _ in range(asks):
        record = Record()
        records.append(record)
        await door.ask(record, timeout=answer.seconds * 3 + 20)


async def _watch(server: Running | None) -> None:
    while server:
        server.memory()
        await asyncio.sleep(SAMPLE_SECONDS)
