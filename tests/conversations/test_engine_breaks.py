"""What the turn engine does when something breaks beside the model: the log, the database, a frame, a stranger."""

import asyncio
import uuid
from typing import Any

import pytest

from csuite import llm
from csuite.conversations.models import Message
from csuite.conversations.streamlog import Stream
from csuite.llm.scripted import Answer
from csuite.tenants.db import in_db
from csuite.tenants.problems import Problem
from tests.conversations.conftest import Room
from tests.conversations.test_engine import reading


async def test_nul_in_an_answer_reaches_neither_the_reader_nor_the_database(room: Room) -> None:
    with llm.scripted.answers(Answer(pieces=["a\x00b", "\x00", "c"])):
        turn = await room.ask()
        (answer,) = await room.finished(turn)
    assert answer.text == "abc"
    assert list(reading(room, turn).text.values()) == ["abc"]


async def test_one_bad_frame_does_not_fail_the_others(room: Room) -> None:
    """A row PostgreSQL refuses gives up its own turn only."""
    writer = room.runner.writer
    good = Stream(room.tenant, room.conversation, uuid.uuid4(), [])
    bad = Stream(room.tenant, room.conversation, uuid.uuid4(), [])
    good.put({"type": "turn.started"})
    bad.put({"type": "turn.started"})
    bad.tenant = "no uuid"  # type: ignore[assignment]
    writer.wake(bad)
    writer.wake(good)
    assert await writer.drained(good)
    assert not await writer.drained(bad)


async def test_a_frame_that_cannot_be_encoded_gives_up_its_own_turn(room: Room) -> None:
    writer = room.runner.writer
    good = Stream(room.tenant, room.conversation, uuid.uuid4(), [])
    bad = Stream(room.tenant, room.conversation, uuid.uuid4(), [])
    good.put({"type": "turn.started"})
    bad.put({"type": object()})
    writer.wake(bad)
    writer.wake(good)
    assert not await writer.drained(bad)
    assert await writer.drained(good)


async def test_a_drain_keeps_the_text_and_says_interrupted(room: Room) -> None:
    never = asyncio.Event()
    with llm.scripted.answers(Answer(pieces=["one ", never])):
        turn = await room.ask()
        await room.seat.of_type("text.delta")
        await room.runner.drain(0.05)
        (answer,) = await room.answers(turn)
    assert (answer.status, answer.text) == ("interrupted", "one ")
    assert "restarted" in answer.note


async def test_a_strangers_turn_cannot_be_watched(room: Room, cast: Any) -> None:
    gate = asyncio.Event()
    with llm.scripted.answers(Answer(pieces=["secret ", gate, "more"])):
        turn = await room.ask()
        await room.seat.of_type("text.delta")
        stranger = Room(room.runner, room.member, uuid.uuid4()).seat
        with pytest.raises(Problem):
            await room.runner.hub.watch(stranger, turn.id, -1)
        rival = stranger
        rival.tenant = cast.rival.id
        with pytest.raises(Problem):
            await room.runner.hub.watch(rival, turn.id, -1)
        gate.set()
        await room.finished(turn)
    assert stranger.frames == []


async def test_the_database_connection_of_the_log_may_break_at_any_time(room: Room) -> None:
    gates = [asyncio.Event() for _ in range(3)]
    with llm.scripted.answers(Answer(pieces=["a ", gates[0], "b ", gates[1], "c ", gates[2], "d"])):
        turn = await room.ask()
        for gate in gates:
            await room.seat.until(lambda f: f["type"] == "text.delta")
            connection = room.runner.writer.store._connection
            assert connection is not None
            await connection.close()
            gate.set()
        (answer,) = await room.finished(turn)
    assert (answer.status, answer.text) == ("complete", "a b c d")
    assert list(reading(room, turn).text.values()) == ["a b c d"]


async def test_messages_of_a_failed_opening_leave_no_row(room: Room) -> None:
    with pytest.raises(Problem):
        await room.ask("Why?", "nobody")

    def count() -> int:
        return Message.objects.count()

    assert await in_db(count, tenant=room.tenant) == 0
