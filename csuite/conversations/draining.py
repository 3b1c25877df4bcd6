"""What this process does with running turns before it ends (settings.DRAIN_HOOKS)."""

import asyncio

from csuite.conversations import runner
from csuite.conversations.sockets import sockets


async def drain(seconds: float) -> None:
    """Lets running answers end while their readers watch, then sends the readers away to resume elsewhere."""
    current = runner.existing(asyncio.get_running_loop())
    if current is not None:
        await current.drain(seconds)
    await sockets.close_all(1012)
