"""What happens to answers while something else breaks or changes (THREATS section 3: F13, F18, F23, F33)."""

import asyncio
import random
import signal
import uuid
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from websockets.exceptions import ConnectionClosed

from csuite import llm
from csuite.conversations.control import Control
from csuite.llm.scripted import Answer
from csuite.personas.models import PromptVersion
from csuite.personas.publishing import draft_from, publish
from csuite.tenants.db import in_db
from tests.conversations.conftest import Room
from tests.conversations.processes import ENDED, Pair, Person, answer, bob, left, pair
from tests.conversations.talk import Reading
from tests.conversations.test_engine import reading
from tests.webprocess import WEB_NAME

__all__ = ["bob", "pair"]

MANY = 8


async def followed(bob: Person, pair: Pair, conversation: uuid.UUID, asked: asyncio.Semaphore) -> tuple[str, str]:
    """Asks on one process and goes on reading on the other whenever the connection ends; what was read, at the end."""
    seen, turn, name = Reading(), "", str(uuid.uuid4())
    while True:
        web = pair.two if turn else pair.one
        try:
            async with bob.talk(web, conversation) as talk:
                if turn:
                    await talk.send(type="watch", turn=turn, after=seen.seq)
                else:
                    await talk.ask("Why?", client_id=name)
                while True:
                    frame = await talk.next()
                    seen.take([frame])
                    if frame["type"] == "turn.started":
                        turn = frame["turn"]
                    if frame["type"] == "text.delta":
                        asked.release()
                    if frame["type"] == "turn.finished":
                        (message,) = seen.ended
                        return message, seen.text.get(message, "")
        except (ConnectionClosed, OSError):
            await asyncio.sleep(0.1)


@pytest.mark.long
async def test_a_deploy_in_mid_answer_lets_answers_end_and_readers_go_on_elsewhere(bob: Person, pair: Pair) -> None:
    """F13: the process that is told to end finishes what it writes, and nobody loses or doubles a word."""
    conversations = [await bob.conversation() for _ in range(MANY)]
    asked = asyncio.Semaphore(0)
    readers = [asyncio.create_task(followed(bob, pair, one, asked)) for one in conversations]
    for _ in range(MANY):
        await asked.acquire()
    try:
        await asyncio.to_thread(pair.one.stop, signal.SIGTERM)
        for conversation, (message, text) in zip(conversations, await asyncio.gather(*readers), strict=True):
            stored = await answer(conversation)
            assert (str(stored.id), stored.text, stored.status) == (message, text, "complete")
        rest = await left()
        assert (rest["frames"], rest["open turns"], rest["booked"]) == (0, 0, MANY)
    finally:
        await asyncio.to_thread(pair.one.start)


@sync_to_async
def cut_off() -> None:
    """Every connection of the web processes to our database, as a restart of it does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = %s",
            [WEB_NAME],
        )


@pytest.mark.long
async def test_a_database_that_drops_every_connection_costs_no_shown_word(bob: Person, pair: Pair) -> None:
    """F18: while eight answers stream, three times; and afterwards it goes on without a restart."""
    conversations = [await bob.conversation() for _ in range(MANY)]
    asked = asyncio.Semaphore(0)
    readers = [asyncio.create_task(followed(bob, pair, one, asked)) for one in conversations]
    for _ in range(3):
        await asked.acquire()
        await asyncio.sleep(random.uniform(0, 0.2))
        await cut_off()
    for conversation, (message, text) in zip(conversations, await asyncio.gather(*readers), strict=True):
        stored = await answer(conversation)
        assert str(stored.id) == message
        assert stored.status in ENDED
        assert stored.text == text
    rest = await left()
    assert (rest["frames"], rest["open turns"]) == (0, 0)
    after = await bob.conversation()
    async with bob.talk(pair.one, after) as talk:
        await talk.ask("And now?")
        await talk.finished()
    assert (await answer(after)).status == "complete"


async def test_stopped_at_any_word_what_was_shown_is_what_is_kept(room: Room) -> None:
    """F23."""
    for words in range(1, 6):
        spoken = [f"w{n} " for n in range(words)]
        with llm.scripted.answers(Answer(pieces=[*spoken, asyncio.Event(), "never"])) as script:
            turn = await room.ask(f"Stop after {words}")
            said = "".join(spoken)
            await room.seat.until(
                lambda f, turn=turn, said=said: (
                    f.get("turn") == str(turn.id)  # type: ignore[misc]
                    and f["type"] == "text.delta"
                    and f["at"] + len(f["text"]) == len(said)
                )
            )
            await room.runner.stop(room.tenant, room.conversation, turn.id, None)
            (kept,) = await room.finished(turn)
            assert (kept.status, kept.text, script.closed) == ("stopped", said, 1)
            assert reading(room, turn).text == {str(kept.id): said}


def test_a_control_that_is_stopped_for_one_answer_lets_the_others_go_on() -> None:
    control, one = Control(), uuid.uuid4()
    control.stop(one)
    assert (control.stopped, control.everything) == ({one}, False)


async def test_a_prompt_that_is_published_in_mid_answer_speaks_from_the_next_question_on(room: Room, cast: Any) -> None:
    """F33: the running answer keeps its version, and says so."""

    def another() -> None:
        live = PromptVersion.objects.get(name="persona.cfo", version=1)
        publish(draft_from(live, cast.root), cast.root, "Other words")

    gate = asyncio.Event()
    with llm.scripted.answers(Answer(pieces=["one ", gate, "two"]), "Next."):
        turn = await room.ask()
        await room.seat.of_type("text.delta")
        await in_db(another, platform="test")
        gate.set()
        (running,) = await room.finished(turn)
        (following,) = await room.finished(await room.ask("And now?", parent=running.id))
    assert (running.prompt_version, running.text) == ("persona.cfo.v1", "one two")
    assert following.prompt_version == "persona.cfo.v2"
