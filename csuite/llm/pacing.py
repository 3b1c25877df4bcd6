"""The rate that a provider allows us, kept before it is asked: <PROVIDER>_RATE_LIMIT_RPM and _RPD.

A provider whose minute or day is full counts as one that said 429, without a call.
"""

import time
from collections.abc import Mapping
from typing import Protocol

from csuite.llm import conf
from csuite.llm.errors import RateLimited
from csuite.llm.providers import Provider
from csuite.llm.registry import Route

MINUTE, DAY = 60, 86_400
Rates = Mapping[int, int]  # seconds of a window -> requests in it


class Pace(Protocol):
    """settings.LLM["PACE"]: counts requests, for all processes that share it."""

    async def take(self, provider: str, rates: Rates) -> float | None:
        """Counts one request; None if there was room, else the seconds until there is."""


class MemoryPace:
    """For one process. Windows begin with the clock's minute and day (UTC)."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, int], tuple[int, int]] = {}

    async def take(self, provider: str, rates: Rates) -> float | None:
        now = time.time()
        for seconds, most in rates.items():
            window = int(now // seconds)
            begun, count = self._counts.get((provider, seconds), (window, 0))
            count = count + 1 if begun == window else 1
            self._counts[provider, seconds] = (window, count)
            if count > most:
                return remaining(now, seconds)
        return None


def remaining(now: float, seconds: int) -> float:
    """Until the window that holds `now` ends."""
    return seconds - now % seconds


def rates_of(row: Provider) -> Rates:
    """The provider's rates: the environment's before the row's; empty where nobody said any."""
    named = {MINUTE: ("RATE_LIMIT_RPM", row.rate_limit_rpm), DAY: ("RATE_LIMIT_RPD", row.rate_limit_rpd)}
    found = {seconds: _whole(row.setting(name), default) for seconds, (name, default) in named.items()}
    return {seconds: most for seconds, most in found.items() if most is not None}


def _whole(text: str, default: int | None) -> int | None:
    return int(text) if text.isdigit() else default


async def admit(route: Route) -> None:
    """Before each request to the route's provider. Raises RateLimited, with the seconds to wait."""
    row = route.provider
    rates = rates_of(row)
    if not rates:
        return
    wait = await conf.seam("PACE").take(row.name, rates)
    if wait is not None:
        raise RateLimited("our own limit for it is used up", provider=row.name, model=route.model, retry_after=wait)
