"""A browser's socket, for tests: signs in by session cookie, collects frames, knows when a turn is over."""

import asyncio
import json
import uuid
from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import Client
from django.utils import timezone
from websockets.asyncio.client import ClientConnection, connect

from csuite.conversations.models import Conversation
from csuite.tenants.models import Membership, User
from csuite.tenants.scope import tenant_scope

Frame = dict[str, Any]
PATIENCE = 30.0


def session_cookie(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def new_conversation(member: Membership) -> uuid.UUID:
    with tenant_scope(member.tenant_id):
        return Conversation.objects.create(user=member.user, updated_at=timezone.now()).id  # type: ignore[no-any-return]


cookie_of = sync_to_async(session_cookie)
conversation_of = sync_to_async(new_conversation)


class Talk:
    """One socket. `frames` holds all that came, in order."""

    def __init__(self, url: str, conversation: uuid.UUID, cookie: str, origin: str | None = None) -> None:
        self.address = f"{url.replace('http', 'ws')}/ws/conversations/{conversation}/"
        self.headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"}
        self.origin = url if origin is None else origin
        self.frames: list[Frame] = []
        self.socket: ClientConnection

    async def __aenter__(self) -> "Talk":
        self.socket = await connect(self.address, additional_headers=self.headers, origin=self.origin)  # type: ignore[arg-type]
        try:
            await self.until(lambda f: f["type"] == "hello")
        except BaseException:
            await self.socket.close()
            raise
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.socket.close()

    async def send(self, **frame: object) -> None:
        await self.socket.send(json.dumps(frame))

    async def ask(self, text: str, *personas: str, client_id: str | None = None, parent: str | None = None) -> str:
        client_id = client_id or str(uuid.uuid4())
        await self.send(type="ask", id=client_id, text=text, personas=list(personas or ("cfo",)), parent=parent)
        return client_id

    async def next(self) -> Frame:
        frame: Frame = json.loads(await asyncio.wait_for(self.socket.recv(), PATIENCE))
        self.frames.append(frame)
        return frame

    async def until(self, wanted: Callable[[Frame], bool]) -> Frame:
        while True:
            frame = await self.next()
            if wanted(frame):
                return frame

    async def of_type(self, kind: str) -> Frame:
        return await self.until(lambda f: f["type"] == kind)

    async def finished(self, turn: str | None = None) -> list[Frame]:
        """Everything up to the end of the turn."""
        await self.until(lambda f: f["type"] == "turn.finished" and turn in (None, f["turn"]))
        return self.frames


class Reading:
    """What a careful reader makes of frames: drops the part of a delta it has, refuses gaps and doubles."""

    def __init__(self) -> None:
        self.text: dict[str, str] = {}
        self.seq = -1
        self.ended: dict[str, Frame] = {}
        self.frames: list[Frame] = []

    def take(self, frames: list[Frame]) -> "Reading":
        self.frames += frames
        for frame in frames:
            if "seq" not in frame:
                continue
            order = [(f["type"], f.get("seq")) for f in frames]
            assert frame["seq"] > self.seq, f"frame {frame['seq']} came twice or out of order: {order}"
            self.seq = frame["seq"]
            if frame["type"] == "text.delta":
                have = self.text.get(frame["message"], "")
                assert frame["at"] <= len(have), "a piece of the text is missing"
                self.text[frame["message"]] = have + frame["text"][len(have) - frame["at"] :]
            elif frame["type"] == "answer.finished":
                assert frame["message"] not in self.ended
                self.ended[frame["message"]] = frame
        return self
