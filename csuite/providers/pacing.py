"""settings.LLM["PACE"]: requests to each provider, counted in the cache that all processes share."""

import asyncio
import time

import structlog
from django.core.cache import cache

from csuite.llm.pacing import Rates, remaining

log = structlog.get_logger(__name__)


class CachePace:
    """Counts by the clock's minute and day. A cache that fails lets requests through: the provider counts as well."""

    async def take(self, provider: str, rates: Rates) -> float | None:
        try:
            return await asyncio.to_thread(self._take, provider, rates)
        except Exception:
            log.exception("provider_pace_unknown", provider=provider)
            return None

    def _take(self, provider: str, rates: Rates) -> float | None:
        now = time.time()
        for seconds, most in rates.items():
            key = f"provider-pace:{provider}:{seconds}:{int(now // seconds)}"
            cache.add(key, 0, 2 * seconds)
            if cache.incr(key) > most:
                return remaining(now, seconds)
        return None
