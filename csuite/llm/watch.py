"""Deadlines of one exchange at no cost per chunk: one timer, set again only when it fires.

asyncio.timeout or a read timeout of the transport would set and cancel a timer for each token.
"""

import asyncio
from types import TracebackType
from typing import Any, Self


class Watch:
    """Cancels the task that reads when the provider keeps it waiting too long; `expired` then tells why.

    first: seconds to the first sign that the model works; between: seconds from one sign to the next; total: seconds
    in all. A reader who is slow himself is not counted for first and between: call `rest` with a chunk in hand and
    `arm` before the next read. The total runs on and is enforced while reading.
    """

    __slots__ = ("_between", "_cancelling", "_end", "_limit", "_loop", "_task", "_timer", "expired")

    def __init__(self, first: float, between: float, total: float) -> None:
        self._loop = asyncio.get_running_loop()
        now = self._loop.time()
        self._between, self._end = between, now + total
        self._limit = now + first
        self._cancelling = 0
        self._task: asyncio.Task[Any] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.expired = ""

    def __enter__(self) -> Self:
        self._task = asyncio.current_task()
        self._look()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._set(None)
        self._task = None

    def rest(self) -> None:
        """A chunk is here; until `arm` the provider is not waited for."""
        self._task = None

    def arm(self, *, moved: bool) -> None:
        """About to read the next chunk, in whichever task it is. `moved`: the last one was such a sign."""
        if moved:
            self._limit = self._loop.time() + self._between
        self._task = asyncio.current_task(self._loop)

    def hasten(self, seconds: float) -> None:
        """Not longer than this from now on."""
        self._end = min(self._end, self._loop.time() + seconds)
        self._set(self._end)

    def caused(self) -> bool:
        """Whether the CancelledError in hand is this watch's own, and nobody else's; takes it back if so."""
        task = asyncio.current_task()
        return bool(self.expired) and task is not None and task.uncancel() <= self._cancelling

    def _look(self) -> None:
        """Looks again when it may be time, and never later than `between` from now: an `arm` sets no timer."""
        now = self._loop.time()
        due = min(self._limit, self._end)
        if self._task is not None and now >= due:
            self.expired = "total" if self._end <= self._limit else "silence"
            self._cancelling = self._task.cancelling()
            self._task.cancel()
            return
        soon = now + self._between
        self._set(soon if self._task is None else min(due, soon))

    def _set(self, when: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if when is None else self._loop.call_at(when, self._look)
