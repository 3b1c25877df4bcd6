"""Work that nobody waits for any longer, and that must be done all the same.

Cancelling a call into the database takes it out of the queue if it has not begun: a row, or a reservation that should
be given back, would be lost only because the database was busy.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

running: set[asyncio.Task[Any]] = set()


def going_on(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """A task that is kept alive until it ends; its error is whoever's who awaits it, or nobody's."""
    task = asyncio.ensure_future(work)
    running.add(task)
    task.add_done_callback(_ended)
    return task


def _ended(task: asyncio.Task[Any]) -> None:
    running.discard(task)
    if not task.cancelled():
        task.exception()  # who still awaits it gets it; asyncio shall not report it again


async def within(seconds: float, task: asyncio.Task[T]) -> T:
    """The result, or TimeoutError after so long; the task goes on, also when the caller is cancelled."""
    async with asyncio.timeout(seconds):
        return await asyncio.shield(task)
