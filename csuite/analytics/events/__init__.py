"""What happens in the model layer, handed to whoever acts on it: one file a handler, named in HANDLERS.

A handler is `async def …(**facts) -> None`, with `event` among the facts. It never raises into a call: an error of it
is logged.
"""

from collections.abc import Awaitable, Callable
from functools import cache
from importlib import import_module

import structlog

from csuite.analytics import metrics
from csuite.llm.hold import Attempt

log = structlog.get_logger(__name__)

Handler = Callable[..., Awaitable[None]]
# Event -> dotted paths of its handlers, in their order. Loaded at the first event, so that they may import anything.
HANDLERS: dict[str, tuple[str, ...]] = {
    "rate_limit": ("csuite.analytics.events.throttled.throttled",),
    "budget_warning": ("csuite.analytics.alerts.looking.budget_reached",),
    "budget_used_up": ("csuite.analytics.alerts.looking.budget_reached",),
    **dict.fromkeys(
        ("breaker_open", "breaker_closed", "cache_dead", "cache_alive", "model_reverted", "unhealthy", "healthy"),
        ("csuite.analytics.events.about_us.about_us",),
    ),
}


async def tell(event: str, facts: "dict[str, object] | None" = None, /, **more: object) -> None:
    """Counts and logs the event and calls its handlers, one after the other. Never raises."""
    known = {**(facts or {}), **more}
    metrics.events.labels(event).inc()
    log.info("llm_event", name=event, **known)
    for path in HANDLERS.get(event, ()):
        try:
            await _handler(path)(**known, event=event)
        except Exception:
            log.exception("event_handler_failed", name=event, handler=path)


async def tell_of_price(attempt: Attempt, tenant: object) -> None:
    """Nobody knows what the attempt cost: it is in no total."""
    if attempt.cost is None:
        facts: dict[str, object] = {"provider": attempt.provider, "model": attempt.model, "task": attempt.task}
        await tell("unpriced", facts, tenant=str(tenant))


@cache
def _handler(path: str) -> Handler:
    module, _, name = path.rpartition(".")
    handler: Handler = getattr(import_module(module), name)
    return handler
