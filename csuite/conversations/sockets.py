"""The open sockets of this process: how many a person has, who lost the right, who must go at a restart."""

import asyncio
from collections import Counter
from typing import Protocol
from uuid import UUID

import structlog
from django.db import DatabaseError

from csuite.tenants.db import in_db
from csuite.tenants.sessions import Gone, still_member

log = structlog.get_logger(__name__)

CHECK_EVERY = 4.0  # seconds: a right that is lost closes the socket within five (THREATS T7, T8)


class Socket(Protocol):
    tenant: UUID
    key: str | None

    @property
    def member(self) -> "object": ...

    async def leave(self, code: int) -> None: ...


class Sockets:
    def __init__(self) -> None:
        self._open: dict[Socket, UUID] = {}
        self._of: Counter[UUID] = Counter()
        self._task: asyncio.Task[None] | None = None

    def admit(self, user: UUID, most: int) -> bool:
        return self._of[user] < most

    def add(self, socket: Socket) -> None:
        user = socket.member.user_id  # type: ignore[attr-defined]
        self._open[socket] = user
        self._of[user] += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._check())

    def remove(self, socket: Socket) -> None:
        user = self._open.pop(socket, None)
        if user is not None:
            self._of[user] -= 1
            if not self._of[user]:
                del self._of[user]

    async def close_all(self, code: int) -> None:
        await asyncio.gather(*(socket.leave(code) for socket in list(self._open)), return_exceptions=True)

    async def _check(self) -> None:
        while self._open:
            await asyncio.sleep(CHECK_EVERY)
            held = {(socket.key or "", socket.tenant) for socket in self._open}
            try:
                lost = await in_db(_lost, list(held))
            except DatabaseError:
                log.warning("socket_check_missed")
                continue
            for socket in list(self._open):
                code = lost.get((socket.key or "", socket.tenant))
                if code is not None:
                    await socket.leave(code)


def _lost(held: list[tuple[str, UUID]]) -> dict[tuple[str, UUID], int]:
    """Which (session, tenant) pairs no longer hold, with the close code."""
    lost = {}
    for key, tenant in held:
        try:
            still_member(key, tenant)
        except Gone as gone:
            lost[key, tenant] = gone.code
    return lost


sockets = Sockets()
