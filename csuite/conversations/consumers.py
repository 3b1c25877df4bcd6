"""The socket of a conversation. It asks and watches; turns run in the runner, so closing a tab stops nothing."""

import asyncio
import time
from collections import deque
from contextlib import suppress
from typing import Any
from uuid import UUID

import orjson
import structlog
from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError

from csuite.conversations import frames_in
from csuite.conversations.access import conversation_for
from csuite.conversations.estimating import estimate_frame
from csuite.conversations.handshake import origin_allowed, session_key
from csuite.conversations.models import Turn
from csuite.conversations.opening import Ask
from csuite.conversations.replay import running_and_queued
from csuite.conversations.runner import Runner, runner
from csuite.conversations.sockets import sockets
from csuite.tenants.db import in_db, in_thread
from csuite.tenants.guessing import missed
from csuite.tenants.models import Membership
from csuite.tenants.problems import Problem
from csuite.tenants.sessions import Gone, member_of_session, still_member

log = structlog.get_logger(__name__)

UNSENT = 1024 * 1024  # bytes a reader may lag behind before it is sent away, to come back and resume
FRAMES = 60  # a person does not send more in FRAMES_IN seconds
FRAMES_IN = 10.0
SOCKETS_PER_USER = 50


class NoSocket(AsyncWebsocketConsumer):
    """Any other path: the handshake is refused."""

    async def connect(self) -> None:
        await self.close()


class ConversationSocket(AsyncWebsocketConsumer):
    tenant: UUID
    conversation: UUID
    member: Membership
    runner: Runner
    entered = False
    _pump: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        self._out: deque[str] = deque()
        self._unsent = 0
        self._ready = asyncio.Event()
        self._recent: deque[float] = deque(maxlen=FRAMES)
        self.conversation = self.scope["url_route"]["kwargs"]["conversation"]
        self.key = session_key(self.scope["headers"])
        member = None
        if origin_allowed(self.scope["headers"]) and self.key:
            with suppress(DatabaseError):  # refused like a stranger: a browser tries again
                member = await in_db(member_of_session, self.key)
        if member is None:
            await self.close()  # before accept: the handshake is refused with 403
            return
        self.member, self.tenant, self.runner = member, member.tenant_id, runner()
        await self.accept()
        try:
            await self._hello()
        except Problem:
            await self.close(4404)
            await self._missed()
        except DatabaseError:
            log.warning("socket_hello_failed")
            await self.close(1012)  # it comes back, here or at another process

    async def _missed(self) -> None:
        """Ids are guessed here as well as on pages."""
        client = self.scope.get("client") or ["unknown"]
        with suppress(DatabaseError):
            await in_thread(missed, self.member.user, self.member, str(client[0]))

    async def _hello(self) -> None:
        def mine() -> dict[str, Any]:
            conversation_for(self.member, self.conversation)
            return running_and_queued(self.conversation)

        if not sockets.admit(self.member.user_id, SOCKETS_PER_USER):
            await self.close(1008)
            return
        sockets.add(self)  # before anything is waited for, or a hundred at once were all the fiftieth
        hello = await in_db(mine, tenant=self.tenant)
        self.entered = True
        self._pump = self.runner.spawn(self._send_out())
        self.push(orjson.dumps({"type": "hello", "conversation": str(self.conversation), **hello}).decode())
        self.runner.hub.enter(self, [UUID(turn["turn"]) for turn in hello["running"]])
        # What was opened between the reading and the entering has been announced to an empty chair.
        now = await in_db(mine, tenant=self.tenant)
        for turn in (*now["running"], *now["queued"]):
            if turn not in hello["queued"]:
                await self.runner.hub.announce(self.tenant, self.conversation, UUID(turn["turn"]))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Whatever ends the socket, a cancelled handler or an error included, it leaves nothing behind."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self.disconnect(1006)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Without Channels' closing of old connections, a thread for each frame: in_db leaves none open."""
        await getattr(self, get_handler_name(message))(message)

    async def disconnect(self, code: int) -> None:
        sockets.remove(self)
        if self.entered:
            self.entered = False
            self.runner.hub.leave(self)
        if self._pump is not None:
            self._pump.cancel()

    # Sending

    def push(self, text: str) -> None:
        """Never waits. A reader that lags too far behind is closed; it comes back and resumes where it was."""
        if self._unsent > UNSENT:
            return
        self._unsent += len(text)
        self._out.append(text)
        self._ready.set()

    async def _send_out(self) -> None:
        while True:
            await self._ready.wait()
            self._ready.clear()
            if self._unsent > UNSENT:
                await self.close(1012)
                return
            while self._out:
                text = self._out.popleft()
                self._unsent -= len(text)
                try:
                    await self.base_send({"type": "websocket.send", "text": text})
                except Exception:  # a reader who is sent nothing more must not wait for it
                    log.exception("socket_send_failed")
                    await self.close(1012)
                    return

    async def leave(self, code: int) -> None:
        """Closes from our side: right lost, restart."""
        await self.close(code)

    # Receiving

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self.entered:
            return
        if text_data is None:
            await self.close(1003)
            return
        if self._flooding():
            self.push(
                orjson.dumps(
                    Problem("rate_limited", "That was too much at once. Wait ten seconds.", 10).frame()
                ).decode()
            )
            await asyncio.sleep(0)
            await self.close(1008)
            return
        try:
            await self._act(text_data)
        except Problem as problem:
            self.push(orjson.dumps(problem.frame(frames_in.client_id(text_data))).decode())
            if problem.code == "not_found" and problem.message.startswith("There is no such conversation"):
                await self.close(4404)
        except Gone as gone:
            await self.close(gone.code)
        except Exception:
            log.exception("socket_frame_failed")
            ours = Problem("internal", "Something went wrong on our side. Your text is kept; send it again.")
            self.push(orjson.dumps(ours.frame(frames_in.client_id(text_data))).decode())

    def _flooding(self) -> bool:
        now = time.monotonic()
        full = len(self._recent) == FRAMES and now - self._recent[0] < FRAMES_IN
        self._recent.append(now)
        return full

    async def _act(self, text: str) -> None:
        frame = frames_in.parse(text)
        if not isinstance(frame, frames_in.AskFrame | frames_in.AgainFrame):  # asking looks in its own transaction
            self.member = await in_db(self._still_member)
        match frame:
            case frames_in.AskFrame():
                ask = Ask(frame.id, frame.text, tuple(frame.personas), frame.parent)
                await self._ask(ask)
            case frames_in.AgainFrame():
                await self._ask(Ask(frame.id, kind=frame.type, message=frame.message))
            case frames_in.StopFrame():
                await self.runner.stop(self.tenant, self.conversation, frame.turn, frame.message)
            case frames_in.WatchFrame():
                await self.runner.hub.watch(self, frame.turn, frame.after)
            case frames_in.EstimateFrame():
                priced = await estimate_frame(self.member, self.conversation, frame)
                self.push(orjson.dumps(priced).decode())

    def _still_member(self) -> Membership:
        assert self.key is not None
        return still_member(self.key, self.tenant)

    async def _ask(self, ask: Ask) -> None:
        opened = await self.runner.ask(self.member, self.conversation, ask, self._still_member)
        if not opened.new:
            await self._again(opened.turn)

    async def _again(self, turn: Turn) -> None:
        """The same message twice is one question: say how it stands."""
        if turn.conversation_id != self.conversation:
            raise Problem("id_reused", "This message was already sent in another conversation. Send yours once more.")
        if turn.status == Turn.Status.QUEUED:
            await self.runner.hub.announce(self.tenant, self.conversation, turn.id)
        else:
            await self.runner.hub.watch(self, turn.id, -1)
