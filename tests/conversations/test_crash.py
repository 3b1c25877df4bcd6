"""kill -9 of the web process: every question ends once, what was shown is kept, nothing is charged twice."""

import asyncio
import random
from collections import Counter
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from csuite.analytics.models import LedgerEntry
from csuite.tenants.scope import platform_scope
from tests.conversations.processes import ENDED, Pair, Person, answer, bob, left, pair
from tests.conversations.talk import Reading

__all__ = ["bob", "pair"]


async def shown_before_the_crash(person: Person, pair: Pair, asked: asyncio.Semaphore) -> tuple[Any, str, Reading]:
    """Asks on process one, reads until it dies; gives the conversation, the turn and what was seen."""
    conversation = await person.conversation()
    reading, turn = Reading(), ""
    talk = person.talk(pair.one, conversation)
    try:
        async with talk:
            await talk.ask("Why did gross margin fall?")
            await talk.of_type("turn.started")
            asked.release()
            while True:
                await talk.next()
    except (ConnectionClosed, OSError, InvalidHandshake):
        pass
    reading.take(talk.frames)
    turn = next((f["turn"] for f in talk.frames if f["type"] == "turn.started"), "")
    return conversation, turn, reading


def booked() -> Counter[str]:
    with platform_scope("test"):
        return Counter(str(m) for m in LedgerEntry.objects.values_list("message", flat=True))


@pytest.mark.parametrize("streams", [8, pytest.param(50, marks=pytest.mark.long)])
async def test_a_killed_process_loses_nothing_that_was_shown(bob: Person, pair: Pair, streams: int) -> None:
    asked = asyncio.Semaphore(0)
    readers = [asyncio.create_task(shown_before_the_crash(bob, pair, asked)) for _ in range(streams)]
    for _ in range(random.randint(streams // 2, streams)):
        await asked.acquire()
    await asyncio.sleep(random.uniform(0.0, 0.5))
    pair.one.kill()
    seen = await asyncio.gather(*readers)
    try:
        for conversation, turn, reading in seen:
            if not turn:  # the question may never have arrived
                continue
            stored = await answer(conversation)
            assert stored.status in ENDED
            before = reading.text.get(str(stored.id), "")
            assert stored.text.startswith(before)
            async with bob.talk(pair.two, conversation) as talk:
                await talk.send(type="watch", turn=turn, after=reading.seq)
                if not any(f["type"] == "turn.finished" for f in reading.frames):
                    await talk.finished(turn)
                assert reading.take(talk.frames).text.get(str(stored.id), "") == stored.text
        rest = await left()
        assert (rest["frames"], rest["open turns"]) == (0, 0)
        shown = {message for _, _, reading in seen for message in reading.text}
        for _ in range(200):  # what a dead process used is booked after its turn was closed
            rows = await sync_to_async(booked)()
            if shown <= rows.keys():
                break
            await asyncio.sleep(0.05)
        assert shown <= rows.keys(), "an answer that was shown was never charged"
        assert set(rows.values()) == {1}, "an answer was charged twice"
    finally:
        pair.one.start()


async def test_a_queued_question_of_a_killed_process_is_answered_by_another(bob: Person, pair: Pair) -> None:
    conversation = await bob.conversation()
    try:
        async with bob.talk(pair.one, conversation) as talk:
            await talk.ask("First?")
            await talk.of_type("text.delta")
            await talk.ask("Second?")
            await talk.of_type("turn.queued")
            pair.one.kill()
    except ConnectionClosed:
        pass
    try:
        async with bob.talk(pair.two, conversation) as talk:
            while True:
                if (await answer(conversation)).status == "complete":
                    break
                await asyncio.sleep(0.1)
    finally:
        pair.one.start()


async def test_what_was_killed_before_its_first_word_is_booked_once_for_its_prompt(bob: Person, pair: Pair) -> None:
    pair.say(text="Late.", ttft_ms=60_000)
    conversation = await bob.conversation()
    try:
        async with bob.talk(pair.one, conversation) as talk:
            await talk.ask("Why did gross margin fall?")
            while not pair.journal():
                await asyncio.sleep(0.02)
            pair.one.kill()
    except ConnectionClosed:
        pass
    try:
        stored = await answer(conversation)
        assert (stored.status, stored.text) == ("interrupted", "")
        while not (rows := await sync_to_async(ledger)()):
            await asyncio.sleep(0.05)
        (asked,) = pair.journal()
        assert [(row.message, row.prompt_tokens, row.completion_tokens, row.estimated) for row in rows] == [
            (stored.id, asked["prompt"], 0, True)
        ]
    finally:
        pair.one.start()


def ledger() -> list[LedgerEntry]:
    with platform_scope("test"):
        return list(LedgerEntry.objects.all())
