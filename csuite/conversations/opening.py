"""Opening a turn: one transaction that stores the question and the rows of its answers before a model is called."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection

from csuite.conversations import events, notices
from csuite.conversations.access import conversation_for
from csuite.conversations.boardroom import BOARD
from csuite.conversations.models import Conversation, Message, Turn
from csuite.conversations.paths import key_of
from csuite.conversations.storing import store
from csuite.conversations.titles import title_of
from csuite.personas.catalogue import active_keys
from csuite.tenants.limits import take_chat
from csuite.tenants.models import Membership
from csuite.tenants.problems import Problem

MOST_PERSONAS = 4


@dataclass(frozen=True, slots=True)
class Ask:
    """A person's wish: a question to one or several personas, or another try at an answer.

    `message` is the answer to regenerate or continue; `text`, `personas` and `parent` belong to a question.
    """

    client_id: str
    text: str = ""
    personas: tuple[str, ...] = ()
    parent: UUID | None = None
    kind: str = Turn.Kind.ASK
    message: UUID | None = None

    def fingerprint(self, conversation: UUID) -> str:
        parts = [str(conversation), self.kind, self.text, *self.personas, str(self.parent), str(self.message)]
        return hashlib.sha256(orjson.dumps(parts)).hexdigest()


@dataclass(frozen=True, slots=True)
class Opened:
    """`new` is False when the same client id was seen before; then `turn` is that turn, as it is now."""

    turn: Turn
    new: bool
    position: int = 0


def check_text(text: str) -> str:
    """Raises Problem("bad_frame") for an empty text, "too_long" beyond the limit."""
    text = text.strip()
    if not text:
        raise Problem("bad_frame", "Write a question first.")
    if "\x00" in text:
        raise Problem("bad_frame", "The question has a character that cannot be stored. Write it anew there.")
    if len(text) > settings.QUESTION_MAX_LENGTH:
        raise Problem(
            "too_long",
            f"A question has at most {settings.QUESTION_MAX_LENGTH:,} characters. Yours is kept; shorten it.",
        )
    return text


def check_personas(keys: Sequence[str]) -> tuple[str, ...]:
    """One to four different, known personas, in the order given. Raises Problem("bad_frame")."""
    known = active_keys() - {BOARD}
    if not 1 <= len(keys) <= MOST_PERSONAS or len(set(keys)) != len(keys) or not set(keys) <= known:
        raise Problem("bad_frame", "Choose one to four of the personas.")
    return tuple(keys)


@dataclass(frozen=True, slots=True)
class _Standing:
    """Of a conversation when something is asked: `same` is the turn of the same client id, `last` the last number."""

    same: UUID | None
    queued: int
    running: int
    last: int

    @property
    def position(self) -> int:
        """0 to run at once, else the place in the queue. Raises Problem("queue_full")."""
        if self.queued >= settings.TURN_QUEUE:
            raise Problem(
                "queue_full",
                f"{settings.TURN_QUEUE} questions wait already. Yours is kept; send it when one has ended.",
                5,
            )
        return self.queued + 1 if self.queued or self.running else 0


def _standing(member: Membership, conversation: Conversation, client_id: str) -> _Standing:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT id FROM conversations_turn"
            "        WHERE tenant_id = %(tenant)s AND user_id = %(user)s AND client_id = %(client)s),"
            " count(*) FILTER (WHERE status = 'queued'), count(*) FILTER (WHERE status = 'running'),"
            " coalesce(max(number), 0)"
            " FROM conversations_turn WHERE tenant_id = %(tenant)s AND conversation_id = %(conversation)s",
            {
                "tenant": conversation.tenant_id,
                "user": member.user_id,
                "client": client_id,
                "conversation": conversation.id,
            },
        )
        return _Standing(*cursor.fetchone())


def _seen(turn_id: UUID, fingerprint: str) -> Turn:
    turn: Turn = Turn.objects.get(id=turn_id)
    if turn.fingerprint != fingerprint:
        raise Problem("id_reused", "This message was already sent with another text. Send yours once more.")
    return turn


def _message(conversation: Conversation, message_id: UUID, **which: object) -> Message:
    found: Message | None = Message.objects.filter(conversation=conversation, id=message_id, **which).first()
    if found is None:
        raise Problem("not_found", "There is no such answer in this conversation. Reload the page.")
    return found


def _question(conversation: Conversation, ask: Ask) -> tuple[Message, tuple[str, ...], Message | None]:
    """The question (a new one is not stored yet), who answers, and the answer to continue from, if any."""
    if ask.kind == Turn.Kind.ASK:
        parent = _message(conversation, ask.parent, kind=Message.Kind.ANSWER) if ask.parent else None
        question = Message(conversation=conversation, parent=parent, kind=Message.Kind.QUESTION, text=ask.text)
        return question, ask.personas, None
    if ask.message is None:
        raise Problem("bad_frame", "Say which answer.")
    answer = _message(conversation, ask.message, kind=Message.Kind.ANSWER)
    if answer.status in (Message.Status.QUEUED, Message.Status.STREAMING):
        raise Problem("bad_frame", "This answer is still being written. Stop it first, or wait for its end.")
    if ask.kind == Turn.Kind.CONTINUE and answer.status not in (
        Message.Status.INTERRUPTED,
        Message.Status.STOPPED,
    ):
        raise Problem("bad_frame", "Only an interrupted or stopped answer can be continued. Ask for another one.")
    if ask.kind == Turn.Kind.CONTINUE and answer.role == Message.Role.SYNTHESIS:
        raise Problem("bad_frame", "A synthesis is made anew, not continued.")
    question = Message.objects.get(conversation=conversation, id=answer.parent_id)
    return question, (answer.persona,), answer if ask.kind == Turn.Kind.CONTINUE else None


def open_turn(member: Membership, conversation_id: UUID, ask: Ask, runner: UUID | None) -> Opened:
    """Stores the question and empty answers; claims the turn for `runner` unless another one runs (then it queues).

    Runs in the tenant's scope. Raises Problem: not_found, id_reused, too_long, bad_frame, queue_full, rate_limited.
    """
    if ask.kind == Turn.Kind.ASK:
        ask = replace(ask, text=check_text(ask.text), personas=check_personas(ask.personas))
    conversation = conversation_for(member, conversation_id, lock=True)
    fingerprint = ask.fingerprint(conversation.id)
    standing = _standing(member, conversation, ask.client_id)
    if standing.same is not None:
        return Opened(_seen(standing.same, fingerprint), new=False)
    position = standing.position
    take_chat(member)
    question, personas, continued = _question(conversation, ask)
    runs = position == 0 and runner is not None
    turn = Turn(
        tenant_id=conversation.tenant_id,
        conversation=conversation,
        user_id=member.user_id,
        client_id=ask.client_id,
        fingerprint=fingerprint,
        kind=ask.kind,
        number=standing.last + 1,
        question=question,
        status=Turn.Status.RUNNING if runs else Turn.Status.QUEUED,
        runner=runner if runs else None,
    )
    answers = turn.answer_rows = _answers(turn, question, personas, continued)
    _touch(conversation, question, answers, personas if ask.kind == Turn.Kind.ASK else ())
    new = [question, *answers] if question._state.adding else answers
    store(conversation, turn, new, notices.encode("turn", runner, turn.conversation_id, turn.id))
    return Opened(turn, new=True, position=position)


def _answers(turn: Turn, question: Message, personas: Sequence[str], continued: Message | None) -> list[Message]:
    """The empty answers of a turn, in their order; several to a new question are followed by their synthesis."""
    status = Message.Status.STREAMING if turn.status == Turn.Status.RUNNING else Message.Status.QUEUED
    sitting = (*personas, BOARD) if turn.kind == Turn.Kind.ASK and len(personas) > 1 else personas
    return [
        Message(
            conversation_id=turn.conversation_id,
            turn=turn,
            parent=question,
            continues=continued,
            kind=Message.Kind.ANSWER,
            role=Message.Role.SYNTHESIS if persona == BOARD else Message.Role.ANSWER,
            persona=persona,
            status=status,
            position=place,
        )
        for place, persona in enumerate(sitting)
    ]


def _touch(conversation: Conversation, question: Message, answers: list[Message], personas: Sequence[str]) -> None:
    """The newest branch is the one on screen; the first question names the conversation."""
    followed = question.parent if question._state.adding else None
    conversation.shown = {
        **conversation.shown,
        **({key_of(followed): str(followed.id)} if followed else {}),  # else its own question would be out of sight
        str(question.parent_id or ""): str(question.id),
        **{f"{question.id}:{answer.persona}": str(answer.id) for answer in answers},
    }
    if not conversation.temporary:
        conversation.title = conversation.title or title_of(question.text)
    if personas:
        conversation.personas = list(personas)


def started_frame(turn: Turn) -> dict[str, object]:
    """The frame that opens the turn, from its rows."""
    answers = [(answer.id, answer.persona, answer.role) for answer in answer_rows(turn)]
    return events.turn_started(turn.id, turn.client_id, turn.question_id, answers)


def answer_rows(turn: Turn) -> list[Message]:
    """The answers in their order, as they were opened; read once for each Turn object."""
    if turn.answer_rows is None:
        rows = Message.objects.filter(turn=turn).select_related("continues").order_by("position")
        turn.answer_rows = list(rows)
    return turn.answer_rows
