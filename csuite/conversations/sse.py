"""`POST /c-suite/<persona>/chat`: one persona's answer as server-sent events, for programs.

A disconnect stops nothing; the same Idempotency-Key replays and follows.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import orjson
from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from pydantic import BaseModel, ConfigDict, ValidationError

from csuite.conversations.access import conversation_for
from csuite.conversations.asking import parent_of
from csuite.conversations.models import Conversation, Message, Turn
from csuite.conversations.opening import Ask, Opened, check_text
from csuite.conversations.runner import runner
from csuite.personas.catalogue import all_personas
from csuite.tenants.db import in_db
from csuite.tenants.models import Membership
from csuite.tenants.problems import Problem
from csuite.tenants.tokens import member_of_request

KEEP_ALIVE = 15.0  # seconds between comments while the model thinks


class Body(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)

    message: str
    conversationId: str | None = None  # noqa: N815 - a fixed name
    personaType: str | None = None  # noqa: N815


class Reader:
    """A seat that collects frames for one SSE response."""

    def __init__(self, tenant: UUID, conversation: UUID) -> None:
        self.tenant, self.conversation = tenant, conversation
        self.frames: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def push(self, text: str) -> None:
        self.frames.put_nowait(orjson.loads(text))


def event(name: str, body: dict[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(body))


def _body(request: HttpRequest, persona: str) -> Body:
    if request.content_type != "application/json":
        raise Problem("bad_frame", "Send JSON.")
    try:
        body = Body.model_validate(orjson.loads(request.body))
    except (orjson.JSONDecodeError, ValidationError):
        raise Problem("bad_frame", 'Send {"message": "…"} with texts for values.') from None
    if body.personaType not in (None, persona):
        raise Problem("bad_frame", "personaType contradicts the address.")
    return body


def _conversation(member: Membership, body: Body, client_id: str, persona: str) -> tuple[UUID, UUID | None]:
    """(conversation, parent): the one named, the one this key made before, or a new one."""
    wanted = body.conversationId
    check_text(body.message)
    if persona not in {known.key for known in all_personas()}:
        raise Problem("not_found", "There is no such persona.")
    if wanted is not None:
        try:
            found = conversation_for(member, UUID(wanted), lock=True)
        except ValueError:
            raise Problem("not_found", "There is no such conversation.") from None
        return found.id, parent_of(member, found, client_id)
    seen = Turn.objects.filter(user_id=member.user_id, client_id=client_id).select_related("question").first()
    if seen is not None:
        return seen.conversation_id, seen.question.parent_id
    # The key names the conversation, so that two racing requests make one.
    new_id = uuid.uuid5(member.id, client_id)
    Conversation.objects.get_or_create(
        id=new_id, defaults={"user_id": member.user_id, "personas": [persona], "updated_at": timezone.now()}
    )
    return new_id, None


async def _open(request: HttpRequest, member: Membership, persona: str) -> tuple[UUID, Opened, UUID]:
    """(conversation, turn, answer) of this request, or of the one that had the same key."""
    body = _body(request, persona)
    client_id = request.headers.get("Idempotency-Key") or str(uuid.uuid4())
    if not 8 <= len(client_id) <= 64 or not client_id.isprintable():
        raise Problem("bad_frame", "An Idempotency-Key has 8 to 64 characters.")
    conversation, parent = await in_db(_conversation, member, body, client_id, persona, tenant=member.tenant_id)
    opened = await runner().ask(member, conversation, Ask(client_id, body.message, (persona,), parent))
    answer = await in_db(_answer_id, opened.turn.id, tenant=member.tenant_id)
    return conversation, opened, answer


def _answer_id(turn: UUID) -> UUID:
    first: UUID = Message.objects.filter(turn_id=turn).order_by("position").values_list("id", flat=True)[0]
    return first


def _csrf(request: HttpRequest) -> HttpResponse | None:
    """A session needs the token; a bearer does not (no browser sends one by itself)."""
    if request.headers.get("Authorization"):
        return None
    return CsrfViewMiddleware(lambda r: HttpResponse()).process_view(request, None, (), {})  # type: ignore[arg-type]


@csrf_exempt
@require_POST
async def chat(request: HttpRequest, persona: str) -> HttpResponse | StreamingHttpResponse:
    try:
        member = await sync_to_async(member_of_request)(request)
        if _csrf(request) is not None:
            raise Problem("forbidden", "The CSRF token is missing or wrong.")
        conversation, opened, answer = await _open(request, member, persona)
    except Problem as problem:
        return problem.response()
    reader = Reader(member.tenant_id, conversation)
    response = StreamingHttpResponse(_events(reader, opened.turn.id, answer, persona), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _events(reader: Reader, turn: UUID, answer: UUID, persona: str) -> AsyncIterator[bytes]:
    hub, name = runner().hub, str(reader.conversation)
    yield event("start", {"conversationId": name, "personaType": persona})
    hub.enter(reader)
    try:
        await hub.watch(reader, turn, -1)
        while True:
            try:
                frame = await asyncio.wait_for(reader.frames.get(), KEEP_ALIVE)
            except TimeoutError:
                yield b": waiting\n\n"
                continue
            if frame.get("message") != str(answer):
                continue
            if frame["type"] == "text.delta":
                yield event("chunk", {"content": frame["text"], "conversationId": name})
            elif frame["type"] == "answer.finished":
                yield _end(frame, name)
                return
    finally:
        hub.leave(reader)


def _end(frame: dict[str, Any], conversation: str) -> bytes:
    if frame["status"] == "failed":
        code = frame.get("error_code") or "internal"
        return event("error", {"code": code, "message": frame["note"] or "No answer came.", "retryAfter": None})
    return event(
        "done",
        {
            "conversationId": conversation,
            "messageId": frame["message"],
            "status": frame["status"],
            "usage": frame["usage"],
            "evidence": frame["evidence"],  # beyond the contract, as is
            "dataAge": frame["data_age"],
        },
    )
