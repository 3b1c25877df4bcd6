"""Two web processes on one database and one provider, and what tests ask of them."""

import asyncio
import json
import urllib.request
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from csuite.analytics.models import LedgerEntry
from csuite.conversations.models import Frame, Message, Turn
from csuite.tenants.models import Limit, Membership, User
from csuite.tenants.scope import platform_scope
from tests.conversations.talk import Talk, new_conversation, session_cookie
from tests.fake_provider import running_apart
from tests.webprocess import WebProcess

MODEL = "fake-40t-15ms"
ENDED = {"complete", "stopped", "interrupted", "failed"}


class Pair:
    """`one` and `two` serve the same database; the provider keeps a journal."""

    def __init__(self, provider: str, model: str = MODEL, **environment: str) -> None:
        self.provider = provider
        self.one, self.two = (WebProcess(provider, model, None, **environment) for _ in range(2))

    def start(self) -> None:
        with ThreadPoolExecutor() as pool:
            list(pool.map(WebProcess.start, (self.one, self.two)))

    def stop(self) -> None:
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda web: web.stop(), (self.one, self.two)))

    def journal(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(self.provider.removesuffix("/v1") + "/journal") as reply:
            entries: list[dict[str, Any]] = json.load(reply)
        return entries

    def say(self, **answer: Any) -> None:
        """The next request is answered so."""
        body = json.dumps(answer).encode()
        request = urllib.request.Request(self.provider.removesuffix("/v1") + "/script", body, method="POST")
        urllib.request.urlopen(request).close()

    def forget(self) -> None:
        request = urllib.request.Request(self.provider.removesuffix("/v1") + "/journal", method="DELETE")
        urllib.request.urlopen(request).close()


@pytest.fixture(scope="module")
def pair(django_db_setup: None) -> Iterator[Pair]:
    with running_apart() as provider:
        found = Pair(provider)
        found.start()
        yield found
        found.stop()


class Person:
    """Somebody signed in, with conversations of her own."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.member = Membership.objects.select_related("tenant", "user").get(user=user)
        self.cookie = session_cookie(user)

    def talk(self, web: WebProcess, conversation: uuid.UUID, **more: Any) -> Talk:
        return Talk(web.url, conversation, self.cookie, **more)

    async def conversation(self) -> uuid.UUID:
        return await sync_to_async(new_conversation)(self.member)


@pytest.fixture
def bob(transactional_db: None, cast: Any, pair: Pair) -> Person:
    Limit.objects.update(amount=1_000_000)
    pair.forget()
    return Person(cast.bob)


def _rows(conversation: uuid.UUID) -> list[Message]:
    with platform_scope("test"):
        return list(Message.objects.filter(conversation_id=conversation).order_by("created_at", "position"))


async def rows(conversation: uuid.UUID) -> list[Message]:
    return await sync_to_async(_rows)(conversation)


async def answer(conversation: uuid.UUID) -> Message:
    """The one answer of a conversation, once it is closed."""
    for _ in range(400):
        found = [m for m in await rows(conversation) if m.kind == "answer"]
        if found and found[-1].status in ENDED:
            return found[-1]
        await asyncio.sleep(0.05)
    raise AssertionError("the answer does not end")


def _left() -> dict[str, int]:
    with platform_scope("test"):
        return {
            "frames": Frame.objects.count(),
            "open turns": Turn.objects.exclude(status="finished").count(),
            "booked": LedgerEntry.objects.count(),
        }


async def left() -> dict[str, int]:
    return await sync_to_async(_left)()
