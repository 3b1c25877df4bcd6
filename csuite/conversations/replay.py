"""Frames of the past: of a running turn from the stream log, of a finished one from its rows."""

from typing import Any
from uuid import UUID

import orjson

from csuite.conversations import events
from csuite.conversations.models import Frame, Message, Turn
from csuite.conversations.opening import started_frame

FEW = 200  # frames that are sent as they are


def stored_frames(turn_id: UUID, after: int) -> list[tuple[int, str]]:
    """(seq, JSON text) of the running turn's frames above `after`; many are joined as those of a finished turn are."""
    rows = Frame.objects.filter(turn_id=turn_id, seq__gt=after).order_by("seq")
    frames = list(rows.values_list("seq", "payload"))
    return frames if len(frames) <= FEW else joined(frames)


def joined(frames: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """One delta for each message, with its last number. Frame by frame a long boardroom is a megabyte of envelopes,
    and who joins it late would be taken for a reader that lags behind. Pure."""
    rest: list[dict[str, Any]] = []
    deltas: dict[str, dict[str, Any]] = {}
    pieces: dict[str, list[str]] = {}
    for _, text in frames:
        frame = orjson.loads(text)
        if frame["type"] != "text.delta":
            rest.append(frame)
            continue
        first = deltas.setdefault(frame["message"], frame)
        first["seq"] = frame["seq"]
        pieces.setdefault(frame["message"], []).append(frame["text"])
    for message, delta in deltas.items():
        delta["text"] = "".join(pieces[message])
    together = sorted((*rest, *deltas.values()), key=lambda frame: int(frame["seq"]))
    return [(frame["seq"], orjson.dumps(frame).decode()) for frame in together]


def finished_frames(turn: Turn, after: int) -> list[tuple[int, str]]:
    """The finished turn again: deltas joined into one that carries the last one's number."""
    answers = list(Message.objects.filter(turn=turn).order_by("position"))
    frames: list[dict[str, Any]] = [started_frame(turn)]
    for answer in answers:
        frames += _of_answer(answer)
    frames.append(events.turn_finished(turn.id, turn.last_seq))
    wanted = sorted((f for f in frames if f["seq"] > after), key=lambda f: f["seq"])
    return [(frame["seq"], orjson.dumps(frame).decode()) for frame in wanted]


def _of_answer(answer: Message) -> list[dict[str, Any]]:
    turn = str(answer.turn_id)
    out: list[dict[str, Any]] = []
    if answer.seq_started is not None:
        started = events.AnswerStarted(answer.id, answer.provider, answer.model, answer.prompt_version, None).body()
        out.append({**started, "turn": turn, "seq": answer.seq_started})
    if answer.seq_text is not None:
        out.append({**events.TextDelta(answer.id, 0, answer.text).body(), "turn": turn, "seq": answer.seq_text})
    if answer.seq_finished is not None:
        out.append({**outcome_of(answer).body(), "turn": turn, "seq": answer.seq_finished})
    return out


def outcome_of(answer: Message) -> events.Outcome:
    """The finished answer's row as the record its last frame is made of."""
    return events.Outcome(
        message=answer.id,
        status=answer.status,
        text=answer.text,
        html=answer.html,
        note=answer.note or None,
        error_code=answer.error_code,
        provider=answer.provider,
        model=answer.model,
        prompt_version=answer.prompt_version,
        finish_reason=answer.finish_reason,
        usage=answer.usage,
        evidence=tuple(answer.evidence),
        data_age=answer.data_age,
        ttft_ms=answer.ttft_ms,
        total_ms=answer.total_ms,
        synthesis=answer.synthesis,
    )


def frames_after(
    turn_id: UUID, after: int, conversation_id: UUID | None = None
) -> tuple[bool, list[tuple[int, str]]] | None:
    """(whether the turn has finished, its frames above `after`); None for a turn that is not of this conversation.

    The frames are read before the status: a turn that closes between the two is then seen as finished.
    """
    stored = stored_frames(turn_id, after)
    turns = Turn.objects.filter(id=turn_id)
    if conversation_id is not None:
        turns = turns.filter(conversation_id=conversation_id)
    turn = turns.first()
    if turn is None:
        return None
    if turn.status == Turn.Status.FINISHED:
        return True, finished_frames(turn, after)
    return False, stored


def running_and_queued(conversation_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """What the hello frame says of the conversation's open turns."""
    running: list[dict[str, Any]] = []
    queued: list[dict[str, Any]] = []
    for turn in Turn.objects.filter(conversation_id=conversation_id).exclude(status="finished").order_by("number"):
        if turn.status == Turn.Status.RUNNING:
            last = Frame.objects.filter(turn_id=turn.id).order_by("-seq").values_list("seq", flat=True).first()
            running.append({"turn": str(turn.id), "seq": -1 if last is None else last})
        else:
            queued.append({"turn": str(turn.id), "id": turn.client_id, "position": len(queued) + 1})
    return {"running": running, "queued": queued}
