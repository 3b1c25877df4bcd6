"""A runner in this process, and a seat that collects what it is shown."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
import pytest
from django.utils import timezone

from csuite.conversations.models import Conversation, Message, Turn
from csuite.conversations.opening import Ask
from csuite.conversations.runner import Runner
from csuite.tenants.db import in_db
from csuite.tenants.models import Membership

PATIENCE = 20.0


class Collector:
    """A seat in a room."""

    def __init__(self, tenant: uuid.UUID, conversation: uuid.UUID) -> None:
        self.tenant, self.conversation = tenant, conversation
        self.frames: list[dict[str, Any]] = []
        self._news = asyncio.Event()

    def push(self, text: str) -> None:
        self.frames.append(orjson.loads(text))
        self._news.set()

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first frame, past or to come, that is wanted."""
        seen = 0
        while True:
            for frame in self.frames[seen:]:
                if wanted(frame):
                    return frame
            seen = len(self.frames)
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), PATIENCE)

    async def of_type(self, kind: str, turn: uuid.UUID | None = None) -> dict[str, Any]:
        return await self.until(lambda f: f["type"] == kind and (turn is None or f["turn"] == str(turn)))


class Room:
    """Bob's conversation with a runner of this process."""

    def __init__(self, runner: Runner, member: Membership, conversation: uuid.UUID) -> None:
        self.runner, self.member, self.conversation = runner, member, conversation
        self.tenant = member.tenant_id
        self.seat = self.sit()

    def sit(self) -> Collector:
        seat = Collector(self.tenant, self.conversation)
        self.runner.hub.enter(seat)
        return seat

    async def ask(self, text: str = "Why?", *personas: str, **more: Any) -> Turn:
        ask = Ask(more.pop("client_id", str(uuid.uuid4())), text, personas or ("cfo",), **more)
        return (await self.runner.ask(self.member, self.conversation, ask)).turn

    async def again(self, kind: str, message: uuid.UUID) -> Turn:
        ask = Ask(str(uuid.uuid4()), kind=kind, message=message)
        return (await self.runner.ask(self.member, self.conversation, ask)).turn

    async def finished(self, turn: Turn) -> list[Message]:
        """Waits for the end and returns the answers' rows."""
        await self.seat.of_type("turn.finished", turn.id)
        return await self.answers(turn)

    async def answers(self, turn: Turn) -> list[Message]:
        def rows() -> list[Message]:
            return list(Message.objects.filter(turn_id=turn.id, kind="answer").order_by("position"))

        return await in_db(rows, tenant=self.tenant)


@pytest.fixture
async def room(transactional_db: None, cast: Any) -> AsyncIterator[Room]:
    def make() -> tuple[Membership, uuid.UUID]:
        member = Membership.objects.select_related("tenant", "user").get(user=cast.bob)
        return member, member.tenant_id

    def talk(member: Membership) -> uuid.UUID:
        return Conversation.objects.create(user=member.user, updated_at=timezone.now()).id  # type: ignore[no-any-return]

    member, tenant = await in_db(make)
    conversation = await in_db(talk, member, tenant=tenant)
    runner = Runner()
    yield Room(runner, member, conversation)
    await runner.drain(0)
    await runner.close()
