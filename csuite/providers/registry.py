"""The registry seam of csuite.llm over our rows: settings.LLM["REGISTRY"]."""

import asyncio
from time import monotonic

import structlog

from csuite.llm.call import Call
from csuite.llm.registry import EnvRegistry, from_settings
from csuite.llm.router import Plan
from csuite.providers.catalogue import Catalogue, current, planned
from csuite.tenants.db import in_db

log = structlog.get_logger(__name__)

READ_SECONDS = 3.0  # how long a call may wait for the database
TURN_SECONDS = 1.0  # how long what was read serves the calls of one turn: it is reserved for, then asked
TURNS = 512  # of which that is remembered at most
State = tuple[Catalogue, bool]  # the rows, and whether the kill switch is on


class RowRegistry(EnvRegistry):
    """As settings and environment say, and what the rows say otherwise."""

    def __init__(self) -> None:
        self._last: State = (Catalogue(), False)
        self._turns: dict[str, tuple[float, State]] = {}

    async def plan(self, call: Call) -> Plan:
        plan = from_settings()
        if plan.off:
            return plan
        rows, off = await self._of(call)
        return planned(plan, rows, off=off)

    async def _of(self, call: Call) -> State:
        """Read once for a turn, whose calls are reserved for and then made: a boardroom would read ten times."""
        turn, now = call.labels.get("turn", ""), monotonic()
        read_at, known = self._turns.get(turn, (now - TURN_SECONDS, self._last))
        if now - read_at < TURN_SECONDS:
            return known
        found = await self._read(call.labels.get("tenant", ""))
        if turn:
            self._turns.pop(turn, None)
            self._turns[turn] = (now, found)
            while len(self._turns) > TURNS:
                del self._turns[next(iter(self._turns))]
        return found

    async def _read(self, tenant: str) -> State:
        try:
            async with asyncio.timeout(READ_SECONDS):
                self._last = await in_db(current, tenant)
        except Exception as error:
            # A dead database must not change who answers: what was known last holds.
            log.error("providers could not be read; the last known ones are used", error=str(error))
        return self._last
