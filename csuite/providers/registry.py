"""The registry seam of csuite.llm over our rows: settings.LLM["REGISTRY"]."""

import asyncio

import structlog

from csuite.llm.call import Call
from csuite.llm.registry import EnvRegistry, from_settings
from csuite.llm.router import Plan
from csuite.providers.catalogue import Catalogue, current, planned
from csuite.tenants.db import in_db

log = structlog.get_logger(__name__)

READ_SECONDS = 3.0  # how long a call may wait for the database


class RowRegistry(EnvRegistry):
    """As settings and environment say, and what the rows say otherwise."""

    def __init__(self) -> None:
        self._last: tuple[Catalogue, bool] = (Catalogue(), False)

    async def plan(self, call: Call) -> Plan:
        plan = from_settings()
        if plan.off:
            return plan
        rows, off = await self._read(call.labels.get("tenant", ""))
        return planned(plan, rows, off=off)

    async def _read(self, tenant: str) -> tuple[Catalogue, bool]:
        try:
            async with asyncio.timeout(READ_SECONDS):
                self._last = await in_db(current, tenant)
        except Exception as error:
            # A dead database must not change who answers: what was known last holds.
            log.error("providers could not be read; the last known ones are used", error=str(error))
        return self._last
