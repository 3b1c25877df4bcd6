"""One look at the circuits for everybody who asks at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from csuite.llm.state import Circuit

Circuits = Mapping[str, Circuit]


@dataclass(slots=True)
class _Seat:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: "asyncio.Task[Circuits] | None" = None


class Look:
    """Joins callers: each gets what was read after it asked, never an older look; many share one reading."""

    def __init__(self, read: Callable[[], Awaitable[Circuits]]) -> None:
        self._read = read
        self._seats: WeakKeyDictionary[asyncio.AbstractEventLoop, _Seat] = WeakKeyDictionary()

    async def __call__(self) -> Circuits:
        loop = asyncio.get_running_loop()
        seat = self._seats.get(loop)
        if seat is None:
            seat = self._seats[loop] = _Seat()
        if seat.waiting is None:
            seat.waiting = asyncio.ensure_future(self._in_turn(seat))
            seat.waiting.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(seat.waiting)

    async def _in_turn(self, seat: _Seat) -> Circuits:
        async with seat.turn:
            seat.waiting = None  # who asks from now on waits for the next reading
            return await self._read()
