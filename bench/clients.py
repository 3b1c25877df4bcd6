"""Whole calls of csuite.llm beside other clients: each in a process of its own on one core, in turns."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench.load import Answer, tell
from bench.machine import SERVER_CORE, pin
from bench.orders import Bill, Order

PACE = 40.0  # milliseconds from token to token of one stream
WARM = 20  # calls: imports, connections, price tables


@dataclass(frozen=True, slots=True)
class Contender:
    """Who calls whom. The models have a price in every client's table."""

    way: str
    peer: bool
    yardstick: str
    provider: str = "openai"
    model: str = "gpt-4.1-mini"


CONTENDERS = (
    Contender("csuite", peer=False, yardstick="openai"),
    Contender("ledger", peer=False, yardstick="openai"),
    Contender("openai", peer=True, yardstick=""),
    Contender("litellm", peer=True, yardstick="openai"),
    Contender("messages", False, "anthropic", "anthropic", "claude-sonnet-4-5"),
    Contender("anthropic", True, "", "anthropic", "claude-sonnet-4-5"),
)


class Gone(Exception):
    """A client did not answer; its last words."""


@dataclass
class Client:
    """One process that takes orders. `rounds` are figures by name."""

    process: subprocess.Popen[str]
    log: Path
    rounds: list[dict[str, float]] = field(default_factory=list)

    def carry_out(self, order: Order) -> Bill:
        """Raises Gone."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(asdict(order)) + "\n")
            self.process.stdin.flush()
        except OSError:
            raise Gone(self.last_words()) from None
        line = self.process.stdout.readline()
        if not line:
            raise Gone(self.last_words())
        return Bill(**json.loads(line))

    def last_words(self) -> str:
        return (self.log.read_text(errors="replace").strip().splitlines() or ["no word"])[-1]


@dataclass(frozen=True, slots=True)
class Load:
    """How much: `streams` at once of `tokens` each; `calls` one after the other; all of it `rounds` times."""

    rounds: int
    streams: int
    tokens: int
    calls: int


@contextmanager
def client(command: list[str], environment: Mapping[str, str], log: Path) -> Iterator[Client]:
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment,
            preexec_fn=lambda: pin(SERVER_CORE),
        )
    with process:
        try:
            yield Client(process, log)
        finally:
            process.terminate()


def compare(
    providers: Mapping[str, str],
    environment: Callable[[str], Mapping[str, str]],
    peers: Path | None,
    load: Load,
    folder: Path,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Figures by way. `providers`: base URL by name; `environment`: of a way; `peers`: the others' Python, if any."""
    with ExitStack() as stack:
        clients: dict[str, Client] = {}
        for who in CONTENDERS:
            if who.peer and peers is None:
                continue
            module, python = ("bench.peer", str(peers)) if who.peer else ("bench.asker", sys.executable)
            command = [python, "-m", module, who.way, providers[who.provider], who.model]
            log = folder / f"{who.way}.log"
            clients[who.way] = stack.enter_context(client(command, environment(who.way), log))

        def answers(answer: Answer) -> None:
            for url in providers.values():
                tell(url, answer)

        answers(Answer(1, 0.0))
        _each(clients, say, lambda one: [one.carry_out(Order(WARM, 1, streamed)) for streamed in (True, False)])
        for _ in range(load.rounds):
            answers(Answer(load.tokens, PACE))
            _each(clients, say, lambda one: one.rounds.append(_streams(one, load)))
            answers(Answer(1, 0.0))
            _each(clients, say, lambda one: one.rounds[-1].update(_calls(one, load)))
    return figures({way: one.rounds for way, one in clients.items()})


def _each(clients: dict[str, Client], say: Callable[[str], None], do: Callable[[Client], object]) -> None:
    """Everybody's turn; who is gone is left out from then on."""
    for way, one in list(clients.items()):
        try:
            do(one)
        except Gone as error:
            say(f"  {way} is left out: {error}")
            del clients[way]


def _streams(one: Client, load: Load) -> dict[str, float]:
    bill = one.carry_out(Order(load.streams, load.tokens, apart=PACE / 1000 / load.streams))
    return {"token_us": bill.per_token()}


def _calls(one: Client, load: Load) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, streamed in (("call", False), ("stream", True)):
        bill = one.carry_out(Order(load.calls, 1, streamed))
        found |= {f"{name}_cpu_ms": bill.cpu / load.calls * 1000, f"{name}_wall_ms": bill.wall * 1000}
    return found


def figures(rounds: Mapping[str, list[dict[str, float]]]) -> dict[str, Any]:
    """Of each way's rounds: medians by name, and `ratios` to its yardstick: the median of each round's own."""
    yardsticks = {who.way: who.yardstick for who in CONTENDERS}
    found: dict[str, Any] = {}
    for way, own in rounds.items():
        found[way] = {name: round(median(one[name] for one in own), 2) for name in own[0]}
        if yardstick := rounds.get(yardsticks[way]):
            pairs = list(zip(own, yardstick, strict=True))
            found[way]["ratios"] = {name: round(median(a[name] / b[name] for a, b in pairs), 2) for name in own[0]}
    return found
