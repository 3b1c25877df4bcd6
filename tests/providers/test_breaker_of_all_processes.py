"""Two processes keep one circuit for each provider: in PostgreSQL, and in Redis."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from urllib.request import urlopen

import pytest

from csuite.llm.state import Circuit, State
from csuite.providers.redis_state import RedisState
from csuite.providers.state import PostgresState
from tests.fake_provider import running_apart
from tests.providers.redis_server import redis_server

pytestmark = pytest.mark.django_db(transaction=True)

# Asks so many questions side by side, and says what became of each; a question for each line on standard input.
ASKER = """
import asyncio, json, os, sys
import django
django.setup()
from csuite import llm
from csuite.llm import conf

async def one():
    call = llm.Call(messages=(llm.Message("user", "Why?"),), labels={"tenant": "t"}, patience="none")
    try:
        return (await llm.complete(call)).text and ""
    except llm.errors.LLMError as error:
        return error.kind

async def many(count):
    return await asyncio.gather(*(one() for _ in range(count)))

row = {"base_url": os.environ["FAKE_URL"], "key_wanted": False}
for line in sys.stdin:
    told = json.loads(line)
    rows = {"fake": {**row, "model": told["model"]}}
    with conf.override(
        PRIMARY="fake", FALLBACK="", ANALYST="", METER="csuite.llm.meter.NullMeter", PROVIDERS=rows,
        PRICES="csuite.llm.prices.GenaiPrices", STATE=os.environ["FAKE_STATE"], BREAKER=told.get("rule", {}),
        REGISTRY="csuite.llm.registry.EnvRegistry",
    ):
        print(json.dumps(asyncio.run(many(told["times"]))), flush=True)
"""


class Asker:
    """A process that asks."""

    def __init__(self, process: "Popen[str]") -> None:
        self._process = process

    def begin(self, times: int, model: str, **rule: float) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"times": times, "model": model, "rule": rule}) + "\n")
        self._process.stdin.flush()

    def outcomes(self) -> list[str]:
        assert self._process.stdout
        found: list[str] = json.loads(self._process.stdout.readline())
        return found

    def ask(self, times: int, model: str, **rule: float) -> list[str]:
        self.begin(times, model, **rule)
        return self.outcomes()

    def kill(self) -> None:
        self._process.kill()


@contextmanager
def asker(url: str, state: State) -> Iterator[Asker]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "csuite.settings",
        "FAKE_URL": url,
        "FAKE_STATE": f"{type(state).__module__}.{type(state).__name__}",
    }
    if isinstance(state, RedisState):
        environment["REDIS_URL"] = state.url
    with Popen([sys.executable, "-c", ASKER], stdin=PIPE, stdout=PIPE, text=True, env=environment) as process:
        try:
            yield Asker(process)
        finally:
            process.kill()


@pytest.fixture(params=["postgres", "redis"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[State]:
    if request.param == "postgres":
        yield PostgresState()
        return
    with redis_server(tmp_path) as (address, _):
        yield RedisState(address)


@pytest.fixture
def fake() -> Iterator[str]:
    with running_apart() as url:
        yield url


def requests(url: str) -> int:
    with urlopen(url.removesuffix("/v1") + "/stats", timeout=10) as answer:
        found: int = json.load(answer)["requests"]
    return found


def until_a_probe_may_be_made(state: State) -> None:
    while True:
        circuit = asyncio.run(circuits(state))["fake"]
        if not circuit.left and not circuit.probing:
            return
        time.sleep(0.02)


async def circuits(state: State) -> Mapping[str, Circuit]:
    return await state.circuits()


def test_what_one_process_saw_fail_no_other_calls_and_one_of_both_finds_out_when_it_is_back(
    fake: str, state: State
) -> None:
    with asker(fake, state) as one, asker(fake, state) as two:
        assert one.ask(3, "fake-x500") == ["server_error"] * 3
        assert two.ask(3, "fake-x500", open=3.0) == ["server_error"] * 3
        assert requests(fake) == 6
        assert one.ask(20, "fake-4t") == two.ask(20, "fake-4t") == ["server_error"] * 20
        assert requests(fake) == 6  # none while it is open

        until_a_probe_may_be_made(state)
        assert one.ask(20, "fake-x500", open=1.0) == ["server_error"] * 20
        assert requests(fake) == 7  # one, and it opened again

        until_a_probe_may_be_made(state)
        for process in (one, two):
            process.begin(10, "fake-4t-3000f")  # while one waits for its answer, nineteen are turned away
        assert sorted(one.outcomes() + two.outcomes()) == [""] + ["server_error"] * 19
        assert requests(fake) == 8
        assert one.ask(2, "fake-4t") == two.ask(2, "fake-4t") == ["", ""]


def test_the_probe_of_a_process_that_died_is_made_by_another(fake: str, state: State) -> None:
    with asker(fake, state) as one, asker(fake, state) as two:
        assert one.ask(6, "fake-x500", open=0.1) == ["server_error"] * 6
        until_a_probe_may_be_made(state)
        one.begin(1, "fake-xhang", lease=1.0)
        while requests(fake) == 6:
            time.sleep(0.02)
        one.kill()
        until_a_probe_may_be_made(state)
        assert two.ask(1, "fake-4t") == [""]
        assert requests(fake) == 8
