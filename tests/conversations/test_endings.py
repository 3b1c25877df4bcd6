"""Every turn ends, and with it what its readers see: whatever is lost, broken or gone on the way."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from csuite import llm
from csuite.conversations import answering, notices, runner, streamlog, sweeper
from csuite.conversations.closing import claim_next, close_orphan, stop_queued
from csuite.conversations.heartbeat import beat
from csuite.conversations.hub import Hub
from csuite.conversations.models import Conversation, Turn
from csuite.conversations.opening import Ask, open_turn
from csuite.conversations.preparing import job_of
from csuite.llm.scripted import Answer
from csuite.tenants.db import in_db
from csuite.tenants.models import Membership, User
from tests.conversations.conftest import Collector, Room
from tests.conversations.talk import Reading


async def status_of(room: Room, turn: uuid.UUID) -> str:
    def read() -> str:
        return str(Turn.objects.get(id=turn).status)

    return await in_db(read, tenant=room.tenant)


async def waiting_turn(room: Room, text: str = "Why?") -> Turn:
    """A question that a page asked: stored, and run by nobody yet."""
    ask = Ask(str(uuid.uuid4()), text, ("cfo",))
    return (await in_db(open_turn, room.member, room.conversation, ask, None, tenant=room.tenant)).turn


async def test_an_asker_who_leaves_while_the_question_is_stored_still_has_it_answered(room: Room) -> None:
    with llm.scripted.answers("Because."):
        asking = asyncio.create_task(room.ask())
        await asyncio.sleep(0)  # it is on its way to the database
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await room.seat.of_type("turn.finished")


async def test_a_turn_that_is_claimed_and_not_held_gets_no_heartbeat(room: Room) -> None:
    held, lost = uuid.uuid4(), (await waiting_turn(room)).id
    await in_db(claim_next, room.conversation, uuid.uuid4(), tenant=room.tenant)
    assert await in_db(beat, room.runner.id, [held], platform="test") == {}
    assert await status_of(room, lost) == "running"


async def test_a_question_that_cannot_be_prepared_fails_and_lets_the_next_one_run(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unprepared(turn: Turn) -> Any:
        if turn.question.text == "Bad":
            raise KeyError("a persona that was taken away")
        return job_of(turn)

    monkeypatch.setattr(runner, "job_of", unprepared)
    gate = asyncio.Event()
    with llm.scripted.answers(Answer(pieces=["one ", gate, "two"]), "Fine."):
        await room.ask("First")
        bad, good = await room.ask("Bad"), await room.ask("Good")
        gate.set()
        (answer,) = await room.finished(bad)
        assert (answer.status, answer.error_code) == ("failed", "internal")
        assert [a.text for a in await room.finished(good)] == ["Fine."]


async def test_a_meter_that_breaks_fails_the_answer_and_not_the_turn(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(calls: Any) -> Any:
        raise RuntimeError("no meter")

    monkeypatch.setattr(llm, "reserve", broken)
    (answer,) = await room.finished(await room.ask())
    assert (answer.status, answer.error_code) == ("failed", "internal")


@pytest.mark.parametrize("word", ["x" * 300, "st\0op"])
async def test_a_providers_odd_words_do_not_keep_a_turn_open(room: Room, word: str) -> None:
    with llm.scripted.answers(Answer("Text.", finish_reason=word)):
        (answer,) = await room.finished(await room.ask())
    assert (answer.status, answer.text) == ("complete", "Text.")


async def test_one_orphan_that_cannot_be_closed_does_not_keep_the_others_open(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def orphan() -> uuid.UUID:
        talk = Conversation.objects.create(user=room.member.user, updated_at=timezone.now())
        turn = open_turn(room.member, talk.id, Ask(str(uuid.uuid4()), "Why?", ("cfo",)), uuid.uuid4()).turn
        Turn.objects.filter(id=turn.id).update(heartbeat_at=timezone.now() - timedelta(hours=1))
        return uuid.UUID(str(turn.id))

    bad, good = [await in_db(orphan, tenant=room.tenant) for _ in range(2)]

    def picky(turn: Turn, render: Any) -> Any:
        if turn.id == bad:
            raise ValueError("frames that make no sense")
        return close_orphan(turn, render)

    monkeypatch.setattr(sweeper, "close_orphan", picky)
    swept = await in_db(sweeper.sweep, None, platform="test")
    assert [turn.id for turn, _ in swept.closed] == [good]
    assert await status_of(room, good) == "finished"


async def test_what_the_log_could_not_take_is_shown_from_the_rows(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamlog, "DEADLINE", 0.2)
    gate = asyncio.Event()
    with llm.scripted.answers(Answer(pieces=["seen ", gate, "unseen ", asyncio.Event()])):
        turn = await room.ask()
        await room.seat.of_type("text.delta")

        async def refuse(*args: Any) -> None:
            raise OSError("no database")

        monkeypatch.setattr(room.runner.writer.store, "store", refuse)
        gate.set()
        (answer,) = await room.finished(turn)
    assert (answer.status, answer.text) == ("interrupted", "seen unseen ")
    seen = Reading().take(room.seat.frames)
    assert seen.text == {str(answer.id): "seen unseen "}
    assert seen.ended[str(answer.id)]["status"] == "interrupted"
    assert room.runner.hub.feeds == {}


async def test_a_stop_that_comes_between_claiming_and_starting_stops(room: Room) -> None:
    ask = Ask(str(uuid.uuid4()), "Why?", ("cfo",))
    turn = (await in_db(open_turn, room.member, room.conversation, ask, room.runner.id, tenant=room.tenant)).turn
    await room.runner.stop(room.tenant, room.conversation, turn.id, None)
    with llm.scripted.answers(Answer(pieces=["one ", asyncio.Event()])):
        await room.runner._begin(turn)
        (answer,) = await room.finished(turn)
    assert answer.status == "stopped"


async def test_a_second_stop_does_not_break_off_the_first(room: Room) -> None:
    with llm.scripted.answers(Answer(pieces=["one ", asyncio.Event()])):
        turn = await room.ask()
        await room.seat.of_type("text.delta")
        for _ in range(5):
            await room.runner.stop(room.tenant, room.conversation, turn.id, None)
            await asyncio.sleep(0)
        (answer,) = await room.finished(turn)
    assert (answer.status, answer.provider, answer.text) == ("stopped", "scripted", "one ")


async def test_another_process_hears_that_a_waiting_question_was_stopped(room: Room) -> None:
    tasks = []
    other = Hub(uuid.uuid4(), lambda work: tasks.append(asyncio.ensure_future(work)))
    seat = room.sit()
    room.runner.hub.leave(seat)
    other.enter(seat)
    with llm.scripted.answers(Answer(pieces=["one ", asyncio.Event()])):
        await room.ask("First")
        second = await room.ask("Second")
        await room.runner.stop(room.tenant, room.conversation, second.id, None)
        other.hear(notices.Notice("ended", "", (str(room.conversation), str(second.id))))
        await seat.of_type("turn.finished", second.id)
    assert Reading().take(seat.frames).ended


async def test_after_a_silence_a_turn_that_began_meanwhile_is_shown(room: Room) -> None:
    other = Hub(uuid.uuid4(), asyncio.ensure_future)
    seat = room.sit()
    room.runner.hub.leave(seat)
    other.enter(seat)
    with llm.scripted.answers(Answer(pieces=["one ", asyncio.Event()])):
        turn = await room.ask()
        await room.seat.of_type("text.delta")
        await other.refresh_all()
        await seat.of_type("text.delta", turn.id)


async def test_a_strangers_try_does_not_bind_a_feed_to_her_tenant(room: Room, cast: Any) -> None:
    other = Hub(uuid.uuid4(), asyncio.ensure_future)
    seat, stranger = room.sit(), Collector(cast.rival.id, room.conversation)
    with llm.scripted.answers(Answer(pieces=["one ", asyncio.Event()])):
        turn = await room.ask()
        await room.seat.of_type("text.delta")
        refused = asyncio.create_task(other.watch(stranger, turn.id, -1))
        await asyncio.sleep(0)
        await other.watch(seat, turn.id, -1)
        await asyncio.gather(refused, return_exceptions=True)
        assert stranger.frames == []
        assert other.feeds[turn.id].tenant == room.tenant


@pytest.mark.parametrize("what", ["person", "membership", "company", "conversation"])
async def test_an_answer_that_nobody_may_read_any_more_stops(
    room: Room, cast: Any, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "TURN_HEARTBEAT", 0.05)

    def take_away() -> None:
        if what == "person":
            User.objects.filter(id=room.member.user_id).update(is_active=False)
        elif what == "membership":
            Membership.objects.filter(id=room.member.id).update(is_active=False)
        elif what == "company":
            type(cast.acme).objects.filter(id=room.tenant).update(is_active=False)
        else:
            Conversation.objects.filter(id=room.conversation).update(deleted_at=timezone.now())

    with llm.scripted.answers(Answer(pieces=["one ", asyncio.Event()])) as script:
        turn = await room.ask("First")
        second = await room.ask("Second")
        await room.seat.of_type("text.delta")
        await in_db(take_away, tenant=room.tenant)
        (answer,) = await room.finished(turn)
        assert (answer.status, answer.text) == ("stopped", "one ")
        assert [a.status for a in await room.finished(second)] == ["stopped"]
    assert len(script.calls) == 1


async def test_a_notice_that_makes_no_sense_leaves_the_listener_listening(room: Room) -> None:
    def tell() -> None:
        notices._send('["turn","","nonsense","x"]')
        notices._send('["turn",""]')

    await in_db(tell)
    turn = await waiting_turn(room)  # heard, taken up, answered
    with llm.scripted.answers("Yes."):
        assert [a.status for a in await room.finished(turn)] == ["complete"]


async def test_closing_takes_the_conversations_lock_before_the_turns(room: Room) -> None:
    """Who claims a turn locks in that order; the other way round is a deadlock."""
    room.runner.draining = True  # nobody takes the question up
    turn = await waiting_turn(room)
    locked, go = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def holder() -> None:
        Conversation.objects.select_for_update().get(id=room.conversation)
        loop.call_soon_threadsafe(locked.set)
        asyncio.run_coroutine_threadsafe(go.wait(), loop).result(10)
        Turn.objects.select_for_update(nowait=True).get(id=turn.id)

    holding = asyncio.create_task(in_db(holder, tenant=room.tenant))
    await locked.wait()
    stopping = asyncio.create_task(in_db(stop_queued, turn.id, tenant=room.tenant))
    await asyncio.sleep(0.3)
    go.set()
    await holding
    await stopping


async def test_a_provider_that_never_ends_is_cut_and_the_reader_is_told(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "LONGEST", 10)
    with llm.scripted.answers(Answer(pieces=["four"] * 5)) as script:
        (answer,) = await room.finished(await room.ask())
    assert (answer.status, answer.text, answer.note) == ("complete", "fourfourfo", answering.LENGTH_NOTE)
    assert script.closed == 1
