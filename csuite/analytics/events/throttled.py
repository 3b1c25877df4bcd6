"""A provider throttles us: everybody's questions are limited more for a while, and less again step by step."""

import asyncio
from typing import Any

import structlog
from django.core.cache import cache

from csuite.tenants import limits

log = structlog.get_logger(__name__)

HALVED_EVERY = 10  # seconds; a burst of refusals is one
FLOOR = 0.2
STEP = 0.1  # a minute without a refusal gives so much back


async def throttled(**facts: Any) -> None:
    """The event `rate_limit` of the model layer: provider, model, retry_after, tenant."""
    await asyncio.to_thread(_shrink, facts)


def _shrink(facts: dict[str, Any]) -> None:
    if not cache.add("throttled:chat", 1, HALVED_EVERY):
        return
    factor = max(FLOOR, limits.factor("chat") / 2)
    log.warning("provider_throttles", provider=facts.get("provider"), model=facts.get("model"), factor=factor)
    limits.shrink("chat", factor, step=STEP, every=60)
