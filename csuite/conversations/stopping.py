"""A person's wish to stop a turn, carried to whichever process runs it."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from django.db import DatabaseError

from csuite.conversations import closing, notices
from csuite.conversations.hub import Hub
from csuite.conversations.models import Turn
from csuite.tenants.db import in_db

TIMES = 20  # that a wish is repeated
EVERY = 0.5  # seconds

Wish = tuple[UUID, UUID, UUID, UUID | None]  # tenant, conversation, turn, message


class Stopping:
    """`here` stops what this process runs and says whether it did."""

    def __init__(
        self,
        origin: UUID,
        hub: Hub,
        here: Callable[[UUID, UUID, UUID | None], bool],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._origin, self._hub, self._here, self._spawn = origin, hub, here, spawn
        self._wishes: set[Wish] = set()

    async def stop(self, tenant: UUID, conversation: UUID, turn: UUID, message: UUID | None) -> None:
        """Stops the turn, or one of its answers, wherever it runs. A finished turn stays as it is."""
        wish = (tenant, conversation, turn, message)
        if not await self._once(*wish) and wish not in self._wishes:
            self._wishes.add(wish)
            self._spawn(self._insist(wish))

    async def _once(self, tenant: UUID, conversation: UUID, turn: UUID, message: UUID | None) -> bool:
        """False while another process must hear of it, or one that has claimed the turn and not begun it."""
        if self._here(conversation, turn, message):
            return True

        def work() -> tuple[bool, bool]:
            found = Turn.objects.filter(id=turn, conversation_id=conversation).first()
            if found is None or found.status == Turn.Status.FINISHED:
                return True, False
            if closing.stop_queued(turn):
                return True, True
            notices.stop_wanted(turn, message, by=self._origin)
            return False, False

        done, dropped = await in_db(work, tenant=tenant)
        if dropped:
            await self._hub.announce(tenant, conversation, turn)
        return done

    async def _insist(self, wish: Wish) -> None:
        """A notice may be lost, or come a moment too early: says it again until the turn has ended."""
        try:
            for _ in range(TIMES):
                await asyncio.sleep(EVERY)
                with contextlib.suppress(DatabaseError):
                    if await self._once(*wish):
                        return
        finally:
            self._wishes.discard(wish)
