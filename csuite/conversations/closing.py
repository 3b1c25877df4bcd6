"""Closing a turn: one transaction writes the answers and drops their frames. Also for turns of dead processes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, models
from django.utils import timezone

from csuite.conversations import notices
from csuite.conversations.events import Outcome, evidence_path
from csuite.conversations.models import Conversation, Frame, Message, Turn


class NotOurs(Exception):
    """The turn was closed by somebody else: we were taken for dead. What we hold is dropped."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Sequence numbers of an answer's frames; None where there was no such frame."""

    started: int | None = None
    text: int | None = None
    finished: int | None = None


# Closing runs once for every answer there is: written in SQL, it costs a quarter of what the ORM takes to compile.
WRITE = """
UPDATE conversations_message SET
  status = %s, text = %s, html = %s, note = %s, error_code = %s, provider = %s, model = %s, prompt_version = %s,
  finish_reason = %s, evidence = %s::jsonb, data_age = %s::jsonb, prompt_tokens = %s, completion_tokens = %s,
  cached_tokens = %s, reasoning_tokens = %s, estimated = %s, cost = %s::numeric, currency = %s, cache = %s,
  ttft_ms = %s, total_ms = %s, seq_started = %s, seq_text = %s, seq_finished = %s, finished_at = now()
WHERE tenant_id = %s AND id = %s
"""
KEEP = "UPDATE conversations_message SET synthesis = %s::jsonb WHERE tenant_id = %s AND id = %s"
# The conversation's lock comes first, as in opening: who asks now waits, and finds the turn finished. `ended` reads
# from `room` for that reason alone: a writing CTE that nobody reads from runs last.
FINISH = """
WITH room AS (
  UPDATE conversations_conversation SET updated_at = now() WHERE tenant_id = %(tenant)s AND id = %(conversation)s
  RETURNING id
), ended AS (
  UPDATE conversations_turn t SET status = 'finished', last_seq = %(last)s, finished_at = now() FROM room
  WHERE t.tenant_id = %(tenant)s AND t.id = %(turn)s AND t.conversation_id = room.id
    AND t.status <> 'finished' AND t.runner IS NOT DISTINCT FROM %(runner)s
  RETURNING t.id
), dropped AS (
  DELETE FROM conversations_frame f USING ended e WHERE f.tenant_id = %(tenant)s AND f.turn_id = e.id
)
SELECT pg_notify(%(channel)s, %(notice)s) FROM ended
"""


LENGTHS = {field.name: field.max_length for field in Message._meta.fields if isinstance(field, models.CharField)}


def _fit(column: str, value: object) -> str:
    """Words of a provider: what does not fit is cut, for a row that cannot be written would never close its turn."""
    return str(value).replace("\x00", "")[: LENGTHS[column]]


def _row(tenant: UUID, outcome: Outcome, seen: Seen) -> list[Any]:
    usage = outcome.usage
    return [
        outcome.status,
        outcome.text,
        outcome.html,
        outcome.note or "",
        _fit("error_code", outcome.error_code),
        _fit("provider", outcome.provider),
        _fit("model", outcome.model),
        _fit("prompt_version", outcome.prompt_version),
        _fit("finish_reason", outcome.finish_reason),
        orjson.dumps(outcome.evidence).decode(),
        orjson.dumps(outcome.data_age).decode(),
        usage.get("prompt"),
        usage.get("completion"),
        usage.get("cached"),
        usage.get("reasoning"),
        bool(usage.get("estimated")),
        usage.get("cost"),
        usage.get("currency") or "USD",
        usage.get("cache") or "off",
        outcome.ttft_ms,
        outcome.total_ms,
        seen.started,
        seen.text,
        seen.finished,
        tenant,
        outcome.message,
    ]


@dataclass(frozen=True, slots=True)
class Ending:
    """Which turn ends: `runner` is who must own it, None for a turn that waits in the queue; `last` its last frame."""

    tenant: UUID
    conversation: UUID
    turn: UUID
    runner: UUID | None
    last: int


def close_turn(ending: Ending, answers: Iterable[tuple[Outcome, Seen]], by: UUID | None = None) -> None:
    """Writes every answer, drops the frames, finishes the turn. Raises NotOurs when `runner` no longer owns it."""
    wanted = {
        "tenant": ending.tenant,
        "conversation": ending.conversation,
        "turn": ending.turn,
        "runner": ending.runner,
        "last": ending.last,
        "channel": notices.CHANNEL,
        "notice": notices.encode("ended", by, ending.conversation, ending.turn),
    }
    with connection.cursor() as cursor:
        cursor.execute(FINISH, wanted)
        if cursor.fetchone() is None:
            raise NotOurs(str(ending.turn))
        for outcome, seen in answers:
            cursor.execute(WRITE, _row(ending.tenant, outcome, seen))
            if outcome.synthesis:  # of one answer in a hundred: not in the statement that writes every one
                cursor.execute(KEEP, [orjson.dumps(outcome.synthesis).decode(), ending.tenant, outcome.message])


def _ending(turn: Turn, last: int) -> Ending:
    return Ending(turn.tenant_id, turn.conversation_id, turn.id, turn.runner, last)


def waiting(tenant: UUID, conversation: UUID) -> bool:
    """Whether a question waits. To be sure, ask under the conversation's lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM conversations_turn"
            " WHERE tenant_id = %s AND conversation_id = %s AND status = 'queued')",
            [tenant, conversation],
        )
        return bool(cursor.fetchone()[0])


def claim_next(conversation_id: UUID, runner: UUID) -> Turn | None:
    """The next queued turn, now running for `runner`; None when none waits or one runs."""
    Conversation.objects.select_for_update().filter(id=conversation_id).first()
    turns = Turn.objects.filter(conversation_id=conversation_id)
    if turns.filter(status=Turn.Status.RUNNING).exists():
        return None
    turn: Turn | None = turns.filter(status=Turn.Status.QUEUED).order_by("number").first()
    if turn is None:
        return None
    now = timezone.now()
    turn.status, turn.runner, turn.heartbeat_at, turn.started_at = Turn.Status.RUNNING, runner, now, now
    turn.save(update_fields=["status", "runner", "heartbeat_at", "started_at"])
    Message.objects.filter(turn=turn, status=Message.Status.QUEUED).update(status=Message.Status.STREAMING)
    notices.turn_changed(conversation_id, turn.id, by=runner)
    return turn


def _ended_at_once(turn: Turn, outcomes: Iterable[Outcome]) -> None:
    """Closes a turn of which nobody has said a word, with the frames that it would have had."""
    numbered = [(outcome, Seen(finished=n + 1)) for n, outcome in enumerate(outcomes)]
    close_turn(_ending(turn, len(numbered) + 1), numbered)


def _answers_of(turn: Turn) -> list[UUID]:
    return list(Message.objects.filter(turn=turn).order_by("position").values_list("id", flat=True))


def fail_turn(turn_id: UUID, sentence: str) -> None:
    """Ends a claimed turn that cannot be begun."""
    turn = Turn.objects.get(id=turn_id)
    _ended_at_once(turn, [Outcome(i, "failed", note=sentence, error_code="internal") for i in _answers_of(turn)])


def stop_queued(turn_id: UUID) -> bool:
    """Ends a turn that waits in the queue; False when it no longer does."""
    turn = Turn.objects.filter(id=turn_id, status=Turn.Status.QUEUED).first()
    if turn is None:
        return False
    try:
        _ended_at_once(turn, [Outcome(i, Message.Status.STOPPED) for i in _answers_of(turn)])
    except NotOurs:  # it was taken up between the reading and the closing
        return False
    return True


@dataclass(frozen=True, slots=True)
class Remains:
    """What the stream log holds of one answer of a dead process's turn."""

    message: UUID
    text: str
    started: dict[str, Any] | None
    finished: dict[str, Any] | None
    seen: Seen
    evidence: tuple[dict[str, Any], ...] = ()


def remains_of(frames: Iterable[dict[str, Any]], message: UUID) -> Remains:
    """Puts an answer together again from its stored frames. Pure."""
    pieces: list[str] = []
    started: dict[str, Any] | None = None
    finished: dict[str, Any] | None = None
    evidence: list[dict[str, Any]] = []
    seq_text = None
    for frame in frames:
        if frame.get("message") != str(message):
            continue
        if frame["type"] == "text.delta":
            pieces.append(frame["text"])
            seq_text = frame["seq"]
        elif frame["type"] == "answer.evidence":
            evidence += frame["evidence"]
        elif frame["type"] == "answer.started":
            started = frame
        elif frame["type"] == "answer.finished":
            finished = frame
    seen = Seen(started["seq"] if started else None, seq_text, finished["seq"] if finished else None)
    return Remains(message, "".join(pieces), started, finished, seen, tuple(evidence))


def close_orphan(turn: Turn, render: Any) -> list[Remains]:
    """Ends the turn of a dead process, with everything that was shown. The caller holds the turn's lock.

    `render` turns Markdown into HTML. Returns what was left of each answer, so that its use can be booked.
    """
    rows = Frame.objects.filter(tenant_id=turn.tenant_id, turn_id=turn.id).order_by("seq")
    frames = [orjson.loads(payload) for payload in rows.values_list("payload", flat=True)]
    last = max((frame["seq"] for frame in frames), default=0)
    answers: list[tuple[Outcome, Seen]] = []
    left = []
    for message in Message.objects.filter(turn=turn).order_by("position"):
        found = remains_of(frames, message.id)
        left.append(found)
        seen = found.seen
        if seen.finished is None:
            last += 1
            seen = Seen(seen.started, seen.text, last)
        answers.append((_outcome_of(found, message, render), seen))
    close_turn(_ending(turn, last + 1), answers)
    return left


INTERRUPTED_NOTE = "The server stopped while this was being written. What was written is kept."


def _outcome_of(found: Remains, message: Message, render: Any) -> Outcome:
    said, ended = found.started or {}, found.finished
    text = found.text or message.text
    if ended is not None:
        return Outcome(
            message.id,
            ended["status"],
            text,
            ended["html"],
            ended["note"],
            ended.get("error_code") or "",
            ended["provider"],
            ended["model"],
            ended["prompt_version"],
            ended.get("finish_reason") or "",
            ended["usage"],
            tuple(ended["evidence"]),
            ended["data_age"],
            ended["ttft_ms"],
            ended["total_ms"],
            ended.get("synthesis"),
        )
    return Outcome(
        message.id,
        Message.Status.INTERRUPTED,
        text,
        render(text, found.evidence, evidence_path(message.id)),
        INTERRUPTED_NOTE,
        "internal",
        said.get("provider", ""),
        said.get("model", ""),
        said.get("prompt_version", ""),
        evidence=found.evidence,
    )
