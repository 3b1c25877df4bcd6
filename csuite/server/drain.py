"""What a web process does between "stop" and its end.

settings.DRAIN_HOOKS names async functions by dotted path; each gets the seconds it has, finishes what it can
(turns that still stream) and returns. Sockets are closed afterwards with 1012, so a client that reconnects
finds its answer stored or carried on.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from django.conf import settings
from django.utils.module_loading import import_string

Hook = Callable[[float], Awaitable[None]]
GRACE = 30.0  # seconds a hook gets
MARGIN = 5.0  # seconds more until one that does not keep to them is cancelled

logger = logging.getLogger(__name__)
_draining = False


def is_draining() -> bool:
    """Whether this process takes nothing new any more."""
    return _draining


def hooks() -> list[Hook]:
    """The functions that settings name; a wrong name fails at start."""
    return [import_string(path) for path in getattr(settings, "DRAIN_HOOKS", ())]


async def drain(todo: Sequence[Hook], seconds: float = GRACE) -> None:
    """Run the hooks side by side; one that fails or takes longer than `seconds` never keeps us."""
    global _draining
    _draining = True
    tasks = [asyncio.ensure_future(hook(seconds)) for hook in todo]
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=seconds + MARGIN)
    for task in late:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            logger.error("a drain hook failed", exc_info=result)
