"""The measurements. Both servers run all the time on one core and take turns, so that they meet the same machine."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench import clients
from bench.doors import Door
from bench.load import Answer, Run, run, tell
from bench.machine import SERVER_CORE, Running, pin
from bench.peers import peers_python
from bench.stage import ROOT, Stage, plain_environment

SERVERS = ("bare", "csuite")
WAYS = ("aiohttp", "httpx", "whole")
Found = dict[str, Any]


CALLS = clients.Load(rounds=9, streams=20, tokens=80, calls=60)


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to measure. `steps`: how many streams to try, upwards."""

    rounds: int = 2
    first_asks: int = 20
    tokens: int = 200
    streams: int = 20
    burst: int = 60
    memory_streams: int = 100
    llm: clients.Load = CALLS
    ledgers: tuple[int, ...] = (1_000_000, 3_000_000, 10_000_000)
    steps: tuple[int, ...] = (20, 40, 60, 80, 100, 120, 150, 180, 210, 250, 300, 350)

    @property
    def seats(self) -> int:
        return max(*self.steps, self.burst, self.streams, self.memory_streams)


QUICK = Plan(
    rounds=1,
    first_asks=8,
    tokens=60,
    memory_streams=40,
    steps=(20, 60, 120),
    ledgers=(100_000,),
    llm=clients.Load(1, 20, 50, 50),
)
PACE = 50.0  # milliseconds: 20 tokens a second


class Bench:
    def __init__(self, on: Stage, plan: Plan, say: Callable[[str], None]) -> None:
        self.on, self.plan, self.say = on, plan, say

    def doors(self, way: str, count: int) -> Sequence[Door]:
        made: dict[str, Callable[[int], Sequence[Door]]] = {
            "direct": self.on.direct_doors,
            "bare": self.on.bare_doors,
            "csuite": self.on.csuite_doors,
        }
        return made[way](count)

    def server(self, way: str) -> Running | None:
        return {"direct": None, "bare": self.on.bare, "csuite": self.on.csuite}[way]

    async def ask(self, way: str, count: int, answer: Answer, ramp: float = 0.05, asks: int = 1) -> Run:
        tell(self.on.provider, answer)
        found = await run(self.doors(way, count), answer, self.server(way), ramp, asks)
        self.say(f"  {way:7} {count:4} streams: {found.summary.as_dict()} cpu_us={found.cpu_us} kB={found.kilobytes}")
        return found

    async def warm(self) -> None:
        """Imports, threads, pools and plans are paid once and are not what is measured."""
        for way in SERVERS:
            await self.ask(way, self.plan.streams, Answer(20, 20.0))

    async def first_token(self) -> Found:
        """Milliseconds to the first token with one stream at a time, over the provider's own."""
        firsts: dict[str, float] = {}
        for way in ("direct", *SERVERS):
            found = await self.ask(way, 1, Answer(4, 20.0), asks=self.plan.first_asks)
            firsts[way] = found.summary.first_p50_ms or float("nan")
        return {way: round(firsts[way] - firsts["direct"], 2) for way in SERVERS}

    async def cpu(self) -> Found:
        """Microseconds of the server for a token: the median of the rounds."""
        found: dict[str, list[float]] = {way: [] for way in SERVERS}
        database: list[float] = []
        for _ in range(self.plan.rounds):
            for way in SERVERS:
                before = self.on.database_cpu()
                done = await self.ask(way, self.plan.streams, Answer(self.plan.tokens, PACE))
                found[way].append(done.cpu_us or float("nan"))
                if way == "csuite":
                    database.append((self.on.database_cpu() - before) / max(done.summary.tokens, 1) * 1e6)
        middle = {way: _median(values) for way, values in found.items()}
        return middle | {"ratio": round(middle["csuite"] / middle["bare"], 2), "database": _median(database)}

    async def burst(self) -> Found:
        """The first token, 95th percentile in milliseconds, with many starts within a second."""
        found: dict[str, list[float]] = {way: [] for way in SERVERS}
        for _ in range(self.plan.rounds):
            for way in SERVERS:
                done = await self.ask(way, self.plan.burst, Answer(40, PACE), ramp=1.0)
                found[way].append(done.summary.first_p95_ms or float("nan"))
        return {way: _median(values) for way, values in found.items()}

    async def good(self) -> Found:
        """How many good streams one core carries: the largest step at which every stream is good, per round."""
        found: dict[str, list[int]] = {way: [] for way in SERVERS}
        for _ in range(self.plan.rounds):
            for way in SERVERS:
                found[way].append(await self._most(way))
        best = {way: max(values) for way, values in found.items()}
        return found | {"ratio": round(best["csuite"] / best["bare"], 2) if best["bare"] else None}

    async def _most(self, way: str) -> int:
        most = 0
        for step in self.plan.steps:
            done = await self.ask(way, step, Answer(min(self.plan.tokens, 120), PACE), ramp=1.0)
            if not done.summary.good:
                break
            most = step
        return most

    async def memory(self) -> Found:
        """Megabytes when idle (measured before any question), kilobytes for each of many streams."""
        found: Found = {f"{way}_idle_mb": round(self.on.idle_memory[way] / 2**20, 1) for way in SERVERS}
        for way in SERVERS:
            done = await self.ask(way, self.plan.memory_streams, Answer(self.plan.tokens // 2, PACE), ramp=1.0)
            found[f"{way}_stream_kb"] = done.kilobytes
        return found

    async def reader(self) -> Found:
        """Microseconds for a token of reading alone, on the servers' core."""
        tell(self.on.provider, Answer(self.plan.tokens, PACE))
        return {way: self._read(way) for way in WAYS}

    async def llm(self) -> Found:
        """Whole calls of csuite.llm beside other clients, on the servers' core: CPU per token and per call."""
        peers = peers_python(self.say)

        def environment(way: str) -> Mapping[str, str]:
            return self.on.environment if way == "ledger" else plain_environment()

        with self.on.messages_provider() as messages:
            providers = {"openai": self.on.provider, "anthropic": messages}
            return clients.compare(providers, environment, peers, self.plan.llm, self.on.folder, self.say)

    def _read(self, way: str) -> float:
        done = subprocess.run(
            [sys.executable, "-m", "bench.reader", way, self.on.provider, str(self.plan.streams)],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
            preexec_fn=lambda: pin(SERVER_CORE),
        )
        return float(json.loads(done.stdout)["cpu_us"])


def _median(values: list[float]) -> float:
    ordered = sorted(values)
    return round(ordered[len(ordered) // 2], 1)
