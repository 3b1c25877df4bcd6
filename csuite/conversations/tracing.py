"""Checks the figures of an answer against the company's data while it is written, sentence by sentence.

It runs beside the writing, in steps of some 2 ms and one answer at a time: tokens never wait for it, and a text of
nothing but figures holds up nobody. A fault in it costs the marks, never the answer.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import structlog

from csuite.conversations.streamlog import Answer
from csuite.personas.asking import Asked
from csuite.personas.evidence.blocks import AHEAD
from csuite.personas.evidence.checking import Checker

log = structlog.get_logger(__name__)

STEP = 0.002  # seconds at a stretch
PATIENCE = 2.0  # seconds that the end of an answer waits for its last figures
PAUSE = 0.1  # seconds between two looks at a growing text: a sentence takes longer to read
ENDS = (".", "!", "?", "\n", ":", ";")
Evidence = dict[str, Any]
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


def _my_turn() -> asyncio.Lock:
    loop = asyncio.get_running_loop()
    return _turns.setdefault(loop, asyncio.Lock())


class Tracing:
    """The figures of one answer. `say` hears of each sentence's evidence as soon as it is checked."""

    def __init__(self, asked: Asked, out: Answer, say: Callable[[list[Evidence]], None]) -> None:
        self.asked, self.out, self.say = asked, out, say
        self.evidence: list[Evidence] = []
        self._task: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()
        self._news = asyncio.Event()
        self._due = self._last = 0  # code points at which the oldest and the newest sentence are known to have ended

    def saw(self, text: str) -> None:
        """`text` was just added to the answer. Cheap: most pieces end no sentence."""
        length = self.out.length
        if any(mark in text for mark in ENDS):
            self._last = length + AHEAD
            self._due = self._due or self._last
        if self.asked.grounds is None or not self._due or (length < self._due and "\n" not in text):
            return
        self._due = self._last if self._last > length else 0
        self._news.set()
        if self._task is None:
            self._task = asyncio.create_task(self._go(), name=f"evidence of {self.out.name}")

    async def finish(self) -> tuple[Evidence, ...]:
        """All evidence, also that of a last sentence without an end. Never raises for what goes wrong in checking."""
        if self.asked.grounds is None or not self.out.length:
            return ()
        self._ended.set()
        self._news.set()
        self._task = self._task or asyncio.create_task(self._go(), name=f"evidence of {self.out.name}")
        _, late = await asyncio.wait([self._task], timeout=PATIENCE)
        if late:
            log.warning("evidence_late", message=self.out.name)
            self._task.cancel()
        return tuple(self.evidence)

    async def _go(self) -> None:
        try:
            checker = self._checker()  # what it rests on was made ready with the prompt
            final = False
            while not final:
                await self._news.wait()
                self._news.clear()
                final = self._ended.is_set()
                await self._check(checker, self.out.text, final)
                if not final:
                    await self._pause()
        except Exception:
            log.exception("evidence_failed", message=self.out.name)

    def _checker(self) -> Checker:
        asked = self.asked
        assert asked.grounds is not None
        return asked.grounds.checker(asked.question, asked.texts)

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._ended.wait(), PAUSE)
        except TimeoutError:
            return

    async def _check(self, checker: Checker, text: str, final: bool) -> None:
        """Reads on, and lets others work after every step."""
        steps = checker.steps(text, final)
        fresh: list[Evidence] = []
        said = time.perf_counter()
        while True:
            async with _my_turn():
                until = time.perf_counter() + STEP
                for found in steps:
                    if found is None and time.perf_counter() > said + PAUSE:
                        self._said(fresh)
                        fresh, said = [], time.perf_counter()
                    elif found is not None and found.cls != "not_a_claim":
                        fresh.append(found.evidence())
                    if time.perf_counter() > until:
                        break
                else:
                    break
            await asyncio.sleep(0)
        self._said(fresh)

    def _said(self, fresh: list[Evidence]) -> None:
        if fresh:
            self.evidence += fresh
            self.say(fresh)
