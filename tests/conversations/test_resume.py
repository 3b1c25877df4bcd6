"""Real sockets on two real processes: what is lost on the way comes again, once."""

import asyncio
import uuid

import pytest

from tests.conversations.processes import Pair, Person, answer, bob, left, pair, rows
from tests.conversations.talk import Reading
from tests.webprocess import WebProcess

__all__ = ["bob", "pair"]


async def dropped_after(person: Person, first: WebProcess, second: WebProcess, k: int) -> tuple[str, str, bool]:
    """(what the reader has, what is stored, whether the answer still ran) when the socket falls after frame k.

    A busy machine joins more deltas into one frame, so an answer may have fewer than k.
    """
    conversation = await person.conversation()
    reading = Reading()
    async with person.talk(first, conversation) as talk:
        await talk.ask("Why did gross margin fall?")
        last = await talk.until(lambda f: f.get("seq", -1) >= k or f["type"] == "turn.finished")
        reading.take(talk.frames)
    async with person.talk(second, conversation) as talk:
        await talk.send(type="watch", turn=last["turn"], after=reading.seq)
        if last["type"] != "turn.finished":
            await talk.finished(last["turn"])
        reading.take(talk.frames)
    stored = await answer(conversation)
    return reading.text[str(stored.id)], stored.text, last["type"] != "turn.finished"


@pytest.mark.parametrize("other", [False, True], ids=["same process", "second process"])
async def test_a_socket_dropped_after_any_frame_loses_and_doubles_nothing(bob: Person, pair: Pair, other: bool) -> None:
    second = pair.two if other else pair.one
    at_once = asyncio.Semaphore(8)

    async def dropped(k: int) -> tuple[str, str, bool]:
        async with at_once:
            return await dropped_after(bob, pair.one, second, k)

    results = await asyncio.gather(*(dropped(k) for k in range(43)))
    assert [have for have, _, _ in results] == [stored for _, stored, _ in results]
    assert all(stored for _, stored, _ in results)
    assert sum(ran for _, _, ran in results) > 10, "hardly any socket fell while the answer ran"
    assert (await left())["frames"] == 0


async def test_a_second_tab_on_another_process_sees_the_same_answer(bob: Person, pair: Pair) -> None:
    conversation = await bob.conversation()
    async with bob.talk(pair.one, conversation) as one, bob.talk(pair.two, conversation) as two:
        await one.ask("Why?")
        mine, theirs = await asyncio.gather(one.finished(), two.finished())
    assert Reading().take(mine).text == Reading().take(theirs).text
    assert [f["type"] for f in theirs][:3] == ["hello", "turn.started", "answer.started"]


async def test_hello_names_what_runs_and_what_waits(bob: Person, pair: Pair) -> None:
    conversation = await bob.conversation()
    async with bob.talk(pair.one, conversation) as talk:
        await talk.ask("First?")
        started = await talk.of_type("text.delta")
        second = await talk.ask("Second?")
        queued = await talk.of_type("turn.queued")
        async with bob.talk(pair.two, conversation) as late:
            hello = late.frames[0]
        assert [r["turn"] for r in hello["running"]] == [started["turn"]]
        assert hello["queued"] == [{"turn": queued["turn"], "id": second, "position": 1}]
        await talk.finished(queued["turn"])
    assert [m.status for m in await rows(conversation) if m.kind == "answer"] == ["complete", "complete"]


async def test_the_same_id_sent_twenty_times_over_two_processes_is_one_question(bob: Person, pair: Pair) -> None:
    conversation = await bob.conversation()
    client_id = str(uuid.uuid4())

    async def send(web: WebProcess) -> None:
        async with bob.talk(web, conversation) as talk:
            await talk.ask("Why?", client_id=client_id)
            await talk.finished()

    await asyncio.gather(*(send(web) for web in (pair.one, pair.two) for _ in range(10)))
    assert [m.kind for m in await rows(conversation)] == ["question", "answer"]
    assert len(pair.journal()) == 1


async def test_the_same_id_with_another_text_is_refused(bob: Person, pair: Pair) -> None:
    conversation = await bob.conversation()
    async with bob.talk(pair.one, conversation) as talk:
        client_id = await talk.ask("Why?")
        await talk.finished()
        await talk.ask("Why not?", client_id=client_id)
        error = await talk.of_type("error")
    assert (error["code"], error["id"]) == ("id_reused", client_id)


@pytest.mark.parametrize("other", [False, True], ids=["same process", "other process"])
async def test_stop_leaves_the_provider_on_whichever_process_it_runs(bob: Person, pair: Pair, other: bool) -> None:
    pair.say(text="one two three four five six seven", pace_ms=400)
    conversation = await bob.conversation()
    async with bob.talk(pair.one, conversation) as talk, bob.talk(pair.two, conversation) as elsewhere:
        await talk.ask("Why?")
        delta = await talk.of_type("text.delta")
        await (elsewhere if other else talk).send(type="stop", turn=delta["turn"])
        await talk.finished()
    stored = await answer(conversation)
    assert stored.status == "stopped"
    (entry,) = pair.journal()
    assert entry["outcome"] == "aborted"
    assert entry["text"].startswith(stored.text.rstrip())


async def test_closing_the_tab_stops_nothing(bob: Person, pair: Pair) -> None:
    conversation = await bob.conversation()
    async with bob.talk(pair.one, conversation) as talk:
        await talk.ask("Why?")
        await talk.of_type("text.delta")
    stored = await answer(conversation)
    assert stored.status == "complete"
    assert pair.journal()[0]["outcome"] == "finished"


async def test_four_personas_answer_on_one_socket(bob: Person, pair: Pair) -> None:
    conversation = await bob.conversation()
    async with bob.talk(pair.one, conversation) as talk:
        await talk.ask("What now?", "ceo", "cfo", "cmo", "cto")
        frames = await talk.finished()
    read = Reading().take(frames)
    stored = {str(m.id): m.text for m in await rows(conversation) if m.kind == "answer"}
    assert len(stored) == 5
    assert read.text == stored
    assert len(pair.journal()) == 6  # the synthesis and its repair: this provider fills in no form


async def test_a_question_is_priced_before_it_is_asked(bob: Person, pair: Pair) -> None:
    """The test's model has no price: unknown, which is not 0."""
    async with bob.talk(pair.one, await bob.conversation()) as talk:
        await talk.send(type="estimate", id="12345678", text="Why?", personas=["ceo", "cfo"], parent=None)
        frame = await talk.of_type("estimate")
        assert frame == {
            "type": "estimate",
            "id": "12345678",
            "low": None,
            "high": None,
            "currency": "USD",
            "budget_left": None,
        }
        await talk.send(type="estimate", id="12345678", text="Why?", personas=["ceo"], parent=str(uuid.uuid4()))
        assert (await talk.of_type("error"))["code"] == "not_found"
    assert pair.journal() == []
