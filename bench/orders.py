"""A process that reads answers to order: a JSON line in says how many, a JSON line out says what it cost.

It imports nothing of csuite, so that readers in other environments use it as well.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any

import uvloop

Ask = Callable[[bool], Awaitable[int]]  # streamed or not; gives the tokens that came
MESSAGES = (
    ("system", "You are the chief financial officer of Northwind Instruments. Answer from the figures, in short."),
    ("user", "Why did gross margin fall last month, and what would you do first?"),
)


@dataclass(frozen=True, slots=True)
class Order:
    """`count` answers of `tokens`, each started `apart` seconds after the last; apart 0 is one after the other."""

    count: int
    tokens: int
    streamed: bool = True
    apart: float = 0.0


@dataclass(frozen=True, slots=True)
class Bill:
    """CPU seconds of the whole process, wall seconds of the median answer, tokens that came."""

    cpu: float
    wall: float
    tokens: int

    def per_token(self) -> float:
        """CPU in microseconds."""
        return self.cpu / max(self.tokens, 1) * 1e6


def tokens_in(text: str | None) -> int:
    """Each token that the bench's providers send has one w; on a busy machine two may come in one piece."""
    return (text or "").count("w")


async def carry_out(order: Order, ask: Ask) -> Bill:
    """Raises RuntimeError for an answer that is not whole."""
    walls: list[float] = []
    tokens = 0

    async def one(wait: float) -> None:
        nonlocal tokens
        await asyncio.sleep(wait)
        began = time.perf_counter()
        came = await ask(order.streamed)
        walls.append(time.perf_counter() - began)
        if came != order.tokens:
            raise RuntimeError(f"{came} tokens came of {order.tokens}")
        tokens += came

    used = time.process_time()
    if order.apart:
        await asyncio.gather(*(one(number * order.apart) for number in range(order.count)))
    else:
        for _ in range(order.count):
            await one(0)
    return Bill(time.process_time() - used, sorted(walls)[len(walls) // 2], tokens)


def serve(ask: Ask) -> None:
    """Carries out orders until standard input ends. The loop stands still between them."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for line in sys.stdin:
            told: dict[str, Any] = json.loads(line)
            bill = runner.run(carry_out(Order(**told), ask))
            sys.stdout.write(json.dumps(asdict(bill)) + "\n")
            sys.stdout.flush()
