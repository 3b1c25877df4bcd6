"""The meter seam: every call is reserved before and booked after. settings.LLM["METER"] names the one meter."""

import logging
from collections.abc import Sequence
from typing import Protocol

from csuite.llm import conf
from csuite.llm.call import Call
from csuite.llm.hold import Hold

log = logging.getLogger(__name__)


class Meter(Protocol):
    """What csuite.llm needs of a meter. Built once, without arguments; used from any event loop."""

    async def reserve(self, calls: Sequence[Call]) -> Hold:
        """A hold for all of these calls and their fallbacks. Raises errors.BudgetExceeded to refuse."""

    async def event(self, name: str, **facts: object) -> None:
        """Something happened that a ledger row does not tell: fallback, breaker, cache, step-down."""


class NullMeter:
    """Books nothing; for commands that run without a database. Never for a page."""

    async def reserve(self, calls: Sequence[Call]) -> Hold:
        return Hold()

    async def event(self, name: str, **facts: object) -> None:
        return None


async def tell(name: str, **facts: object) -> None:
    """Tells the meter of an event. Never raises: no call fails because nobody could be told."""
    try:
        await conf.seam("METER").event(name, **facts)
    except Exception:
        log.exception("the meter did not take the event %s", name)
