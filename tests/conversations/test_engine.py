"""The turn engine in one process, with scripted answers and a real database."""

import asyncio
import uuid
from typing import Any

import orjson

from csuite import llm
from csuite.conversations.models import Frame, Turn
from csuite.llm.scripted import Answer
from csuite.tenants.db import in_db
from tests.conversations.conftest import Room
from tests.conversations.talk import Reading

TEXT = "Gross margin fell to **38.4%** in October.\n\nFreight explains most of it, und Größe zählt 🦀."


def reading(room: Room, turn: Turn) -> Reading:
    return Reading().take([f for f in room.seat.frames if f.get("turn") == str(turn.id)])


async def test_an_answer_is_streamed_and_saved_whole(room: Room) -> None:
    with llm.scripted.answers(TEXT):
        turn = await room.ask()
        (answer,) = await room.finished(turn)
    assert (answer.status, answer.text) == ("complete", TEXT)
    assert "<strong><a " in answer.html
    assert ">38.4%</a></strong>" in answer.html
    seen = reading(room, turn)
    assert seen.text == {str(answer.id): TEXT}
    end = seen.ended[str(answer.id)]
    assert (end["status"], end["html"]) == ("complete", answer.html)
    assert (answer.provider, answer.prompt_version) == ("scripted", "persona.cfo.v1")


async def test_frames_come_in_the_order_of_the_contract(room: Room) -> None:
    with llm.scripted.answers(TEXT):
        turn = await room.ask()
        await room.finished(turn)
    kinds = [f["type"] for f in room.seat.frames]
    assert kinds[:2] == ["turn.started", "answer.started"]
    assert kinds[-2:] == ["answer.finished", "turn.finished"]
    assert set(kinds[2:-2]) == {"text.delta", "answer.evidence"}
    assert [f["seq"] for f in room.seat.frames] == list(range(len(kinds)))


async def test_a_finished_turn_replays_the_same_text_from_any_frame(room: Room) -> None:
    with llm.scripted.answers(Answer(TEXT, pace=0.012)):
        turn = await room.ask()
        await room.finished(turn)
    live = list(room.seat.frames)
    for after in range(-1, len(live)):
        late = room.sit()
        await room.runner.hub.watch(late, turn.id, after)
        seen = Reading().take([f for f in live if f["seq"] <= after]).take(late.frames)
        assert list(seen.text.values()) == [TEXT]
        assert seen.seq == live[-1]["seq"]


async def test_a_reader_who_joins_in_the_middle_misses_and_repeats_nothing(room: Room) -> None:
    gate = asyncio.Event()
    with llm.scripted.answers(Answer(pieces=["one ", "two ", gate, "three ", "four"])):
        turn = await room.ask()
        await room.seat.of_type("text.delta")
        late = room.sit()
        await room.runner.hub.watch(late, turn.id, -1)
        gate.set()
        await late.of_type("turn.finished")
    assert list(Reading().take(late.frames).text.values()) == ["one two three four"]


async def test_what_was_shown_is_in_the_log_and_the_log_is_empty_at_the_end(room: Room) -> None:
    gate = asyncio.Event()

    def logged() -> list[dict[str, Any]]:
        rows = Frame.objects.order_by("seq").values_list("payload", flat=True)
        return [orjson.loads(row) for row in rows]

    with llm.scripted.answers(Answer(pieces=["one ", gate, "two"])):
        turn = await room.ask()
        await room.seat.of_type("text.delta")
        stored = await in_db(logged, tenant=room.tenant)
        assert stored[: len(room.seat.frames)] == room.seat.frames
        gate.set()
        await room.finished(turn)
    assert await in_db(logged, tenant=room.tenant) == []


async def test_stop_keeps_what_was_said_and_leaves_the_provider(room: Room) -> None:
    never = asyncio.Event()
    with llm.scripted.answers(Answer(pieces=["one ", "two ", never, "three"])) as script:
        turn = await room.ask()
        await room.seat.until(lambda f: f["type"] == "text.delta" and "two" in f["text"])
        await room.runner.stop(room.tenant, room.conversation, turn.id, None)
        (answer,) = await room.finished(turn)
        assert script.closed == 1
    assert (answer.status, answer.text) == ("stopped", "one two ")


async def test_stop_from_another_conversation_does_nothing(room: Room) -> None:
    gate = asyncio.Event()
    with llm.scripted.answers(Answer(pieces=["one ", gate, "two"])):
        turn = await room.ask()
        await room.seat.of_type("text.delta")
        await room.runner.stop(room.tenant, uuid.uuid4(), turn.id, None)
        gate.set()
        (answer,) = await room.finished(turn)
    assert answer.status == "complete"


async def test_a_stream_that_breaks_is_interrupted_and_can_be_continued(room: Room) -> None:
    with llm.scripted.answers(Answer("one two three", cut=True, after=2), "three and four"):
        turn = await room.ask()
        (cut,) = await room.finished(turn)
        assert (cut.status, cut.text.strip()) == ("interrupted", "one two")
        assert cut.note
        more = await room.again("continue", cut.id)
        (whole,) = await room.finished(more)
    assert whole.status == "complete"
    assert whole.text == cut.text + "three and four"
    first = next(f for f in room.seat.frames if f.get("turn") == str(more.id) and f["type"] == "text.delta")
    assert first["text"].startswith(cut.text)


async def test_an_error_before_the_first_word_fails_with_a_sentence(room: Room) -> None:
    with llm.scripted.answers(Answer(error="quota")):
        turn = await room.ask()
        (answer,) = await room.finished(turn)
    assert (answer.status, answer.text, answer.error_code) == ("failed", "", "provider_unavailable")
    assert answer.note.endswith(".")


async def test_an_answer_without_a_word_is_not_a_blank_bubble(room: Room) -> None:
    with llm.scripted.answers(""):
        (answer,) = await room.finished(await room.ask())
    assert answer.status == "failed"
    assert answer.note


async def test_a_capped_answer_says_that_it_was_cut(room: Room) -> None:
    with llm.scripted.answers(Answer("for ever and ever", finish_reason="length")):
        (answer,) = await room.finished(await room.ask())
    assert answer.status == "complete"
    assert "length limit" in answer.note


async def test_several_personas_answer_side_by_side_and_one_failure_loses_nobody(room: Room) -> None:
    def by_persona(call: llm.Call) -> Answer:
        if call.labels["persona"] == "cmo":
            return Answer(error="overloaded")
        return Answer(f"I am the {call.labels['persona']}", pace=0.005)

    with llm.scripted.answers(by_persona):
        turn = await room.ask("What now?", "ceo", "cfo", "cmo", "cto")
        answers = await room.finished(turn)
    assert [(a.persona, a.status) for a in answers] == [
        ("ceo", "complete"),
        ("cfo", "complete"),
        ("cmo", "failed"),
        ("cto", "complete"),
        ("board", "complete"),
    ]
    assert reading(room, turn).text == {str(a.id): a.text for a in answers if a.text}


async def test_one_of_several_answers_can_be_stopped_alone(room: Room) -> None:
    gate = asyncio.Event()
    with llm.scripted.answers(Answer(pieces=["word ", gate, "end"])):
        turn = await room.ask("What now?", "ceo", "cfo")
        ceo, *_ = await room.answers(turn)
        await room.seat.until(lambda f: f["type"] == "text.delta" and f["message"] == str(ceo.id))
        await room.runner.stop(room.tenant, room.conversation, turn.id, ceo.id)
        await room.seat.until(lambda f: f["type"] == "answer.finished" and f["message"] == str(ceo.id))
        gate.set()
        answers = await room.finished(turn)
    assert [(a.status, a.text) for a in answers] == [("stopped", "word "), ("complete", "word end"), ("failed", "")]


async def test_a_question_while_one_runs_waits_and_then_runs_by_itself(room: Room) -> None:
    gate = asyncio.Event()
    with llm.scripted.answers(Answer(pieces=["one", gate]), "two"):
        first = await room.ask("First?")
        second = await room.ask("Second?")
        queued = await room.seat.of_type("turn.queued")
        assert (queued["turn"], queued["position"]) == (str(second.id), 1)
        gate.set()
        (answer,) = await room.finished(second)
    assert answer.text == "two"
    ends = [f["turn"] for f in room.seat.frames if f["type"] == "turn.finished"]
    assert ends == [str(first.id), str(second.id)]


async def test_a_waiting_question_can_be_stopped(room: Room) -> None:
    gate = asyncio.Event()
    with llm.scripted.answers(Answer(pieces=["one", gate]), "two") as script:
        first = await room.ask("First?")
        second = await room.ask("Second?")
        await room.runner.stop(room.tenant, room.conversation, second.id, None)
        (answer,) = await room.finished(second)
        gate.set()
        await room.finished(first)
        assert len(script.calls) == 1
    kinds = [f["type"] for f in room.seat.frames if f.get("turn") == str(second.id)]
    assert answer.status == "stopped"
    assert kinds[-3:] == ["turn.started", "answer.finished", "turn.finished"]


async def test_the_next_question_carries_what_was_said(room: Room) -> None:
    with llm.scripted.answers("Because of freight.", "As I said.") as script:
        turn = await room.ask("Why?")
        (answer,) = await room.finished(turn)
        await room.finished(await room.ask("And now?", parent=answer.id))
    sent = [m.text for m in script.calls[1].messages]
    assert any("Because of freight." in text for text in sent)
    assert "And now?" in sent[-1]


async def test_labels_name_tenant_person_and_message_and_stay_plain_text(room: Room) -> None:
    with llm.scripted.answers("Yes.") as script:
        turn = await room.ask()
        (answer,) = await room.finished(turn)
    labels = script.calls[0].labels
    assert labels["tenant"] == str(room.tenant)
    assert labels["message"] == str(answer.id)
    assert labels["turn"] == str(turn.id)
    assert all(isinstance(value, str) for value in labels.values())
