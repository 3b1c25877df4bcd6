"""Closing a turn: one transaction writes the answers and drops their frames. Also for turns of dead processes."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.utils import timezone

from csuite.conversations import notices
from csuite.conversations.events import Outcome
from csuite.conversations.models import Conversation, Frame, Message, Turn


class NotOurs(Exception):
    """The turn was closed by somebody else: we were taken for dead. What we hold is dropped."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Sequence numbers of an answer's frames; None where there was no such frame."""

    started: int | None = None
    text: int | None = None
    finished: int | None = None


def _write(outcome: Outcome, seen: Seen) -> None:
    usage = outcome.usage
    cost = usage.get("cost")
    Message.objects.filter(id=outcome.message).update(
        status=outcome.status,
        text=outcome.text,
        html=outcome.html,
        note=outcome.note or "",
        error_code=outcome.error_code,
        provider=outcome.provider,
        model=outcome.model,
        prompt_version=outcome.prompt_version,
        finish_reason=outcome.finish_reason,
        evidence=list(outcome.evidence),
        prompt_tokens=usage.get("prompt"),
        completion_tokens=usage.get("completion"),
        cached_tokens=usage.get("cached"),
        reasoning_tokens=usage.get("reasoning"),
        estimated=bool(usage.get("estimated")),
        cost=None if cost is None else Decimal(cost),
        currency=usage.get("currency") or "USD",
        cache=usage.get("cache") or "off",
        ttft_ms=outcome.ttft_ms,
        total_ms=outcome.total_ms,
        seq_started=seen.started,
        seq_text=seen.text,
        seq_finished=seen.finished,
        finished_at=timezone.now(),
    )


def close_turn(turn_id: UUID, runner: UUID, answers: Iterable[tuple[Outcome, Seen]], last_seq: int) -> None:
    """Writes every answer, drops the frames, finishes the turn. Raises NotOurs when `runner` no longer owns it."""
    turn = Turn.objects.select_for_update().filter(id=turn_id, runner=runner, status=Turn.Status.RUNNING).first()
    if turn is None:
        raise NotOurs(str(turn_id))
    _finish(turn, answers, last_seq, by=runner)


def _finish(turn: Turn, answers: Iterable[tuple[Outcome, Seen]], last_seq: int, by: UUID | None) -> None:
    for outcome, seen in answers:
        _write(outcome, seen)
    Frame.objects.filter(tenant_id=turn.tenant_id, turn_id=turn.id).delete()
    now = timezone.now()
    Turn.objects.filter(id=turn.id).update(status=Turn.Status.FINISHED, last_seq=last_seq, finished_at=now)
    Conversation.objects.filter(id=turn.conversation_id).update(updated_at=now)
    notices.turn_ended(turn.conversation_id, turn.id, by=by)


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


def stop_queued(turn_id: UUID) -> bool:
    """Ends a turn that waits in the queue; False when it no longer does."""
    turn = Turn.objects.select_for_update().filter(id=turn_id, status=Turn.Status.QUEUED).first()
    if turn is None:
        return False
    ids = Message.objects.filter(turn=turn).order_by("position").values_list("id", flat=True)
    stopped = [(Outcome(i, Message.Status.STOPPED), Seen(finished=n + 1)) for n, i in enumerate(ids)]
    _finish(turn, stopped, len(stopped) + 1, by=None)
    return True


@dataclass(frozen=True, slots=True)
class Remains:
    """What the stream log holds of one answer of a dead process's turn."""

    message: UUID
    text: str
    started: dict[str, Any] | None
    finished: dict[str, Any] | None
    seen: Seen


def remains_of(frames: Iterable[dict[str, Any]], message: UUID) -> Remains:
    """Puts an answer together again from its stored frames. Pure."""
    pieces: list[str] = []
    started: dict[str, Any] | None = None
    finished: dict[str, Any] | None = None
    seq_text = None
    for frame in frames:
        if frame.get("message") != str(message):
            continue
        if frame["type"] == "text.delta":
            pieces.append(frame["text"])
            seq_text = frame["seq"]
        elif frame["type"] == "answer.started":
            started = frame
        elif frame["type"] == "answer.finished":
            finished = frame
    seen = Seen(started["seq"] if started else None, seq_text, finished["seq"] if finished else None)
    return Remains(message, "".join(pieces), started, finished, seen)


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
    _finish(turn, answers, last + 1, by=None)
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
            ended["ttft_ms"],
            ended["total_ms"],
        )
    return Outcome(
        message.id,
        Message.Status.INTERRUPTED,
        text,
        render(text),
        INTERRUPTED_NOTE,
        "internal",
        said.get("provider", ""),
        said.get("model", ""),
        said.get("prompt_version", ""),
    )
