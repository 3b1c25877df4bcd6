"""Boardrooms that go wrong: a provider that fails, a process that is killed, a budget that is too small."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from websockets.exceptions import ConnectionClosed

from csuite import llm
from csuite.analytics.models import LedgerEntry
from csuite.conversations.estimating import estimate_frame
from csuite.conversations.models import Message
from csuite.llm.scripted import Answer
from csuite.tenants.models import Limit
from csuite.tenants.scope import platform_scope
from tests.analytics.money import budget, held, paid, priced
from tests.conversations.conftest import Room
from tests.conversations.minutes import form
from tests.conversations.processes import ENDED, Pair, Person, bob, left, pair, rows
from tests.conversations.talk import Reading
from tests.conversations.test_budgets import frame
from tests.fake_provider import FakeProvider
from tests.fake_provider.fixture import fake_provider

__all__ = ["bob", "fake_provider", "pair"]
ALL = ("ceo", "cfo", "cmo", "cto")


async def test_a_budget_that_covers_two_of_four_refuses_before_anything_is_sent(
    room: Room, fake_provider: FakeProvider
) -> None:
    await sync_to_async(priced)()
    with paid(fake_provider):
        two = await estimate_frame(room.member, room.conversation, frame("ceo", "cfo"))
        four = await estimate_frame(room.member, room.conversation, frame(*ALL))
        assert Decimal(two["high"]) < Decimal(four["high"])
        await sync_to_async(budget)(room.tenant, str((Decimal(two["high"]) + Decimal(four["high"])) / 2))
        answers = await room.finished(await room.ask("Why?", *ALL))
        assert [(a.status, a.error_code) for a in answers] == [("failed", "budget_exceeded")] * 5
        assert fake_provider.requests == []
        assert [a.status for a in await room.finished(await room.ask("Why?", "ceo", "cfo"))] == ["complete"] * 3
    assert await sync_to_async(held)() == (0, 0)


async def killed_in_the_middle(bob: Person, pair: Pair, after: int) -> None:
    """Dies after so many pieces of text; then every answer has ended, and each attempt is booked once."""
    conversation, reading = await bob.conversation(), Reading()
    talk = bob.talk(pair.one, conversation)
    try:
        async with talk:
            await talk.ask("Should we absorb it?", *ALL)
            for _ in range(after):
                await talk.of_type("text.delta")
            pair.one.kill()
            while True:
                await talk.next()
    except ConnectionClosed:
        pass
    reading.take(talk.frames)
    try:
        stored = await ended(conversation)
        assert len(stored) == 5
        for one in stored:
            assert one.text.startswith(reading.text.get(str(one.id), ""))
        before = {message: f["status"] for message, f in reading.ended.items()}
        assert {str(one.id): one.status for one in stored} | before == {str(one.id): one.status for one in stored}
        shown = {one.id for one in stored if one.text}
        booked = await charged(shown)
        assert shown <= booked.keys()
        assert {count for message, count in booked.items() if message != stored[-1].id} <= {1}
        rest = await left()
        assert (rest["frames"], rest["open turns"]) == (0, 0)
        assert await sync_to_async(held)() == (0, 0)
        async with bob.talk(pair.two, conversation) as other:
            turn = next(f["turn"] for f in talk.frames if f["type"] == "turn.started")
            await other.send(type="watch", turn=turn, after=-1)
            again = Reading().take(await other.finished(turn))
        assert again.text == {str(one.id): one.text for one in stored if one.text}
    finally:
        pair.one.start()


async def ended(conversation: Any) -> list[Message]:
    for _ in range(400):
        stored = [m for m in await rows(conversation) if m.kind == "answer"]
        if stored and all(m.status in ENDED for m in stored):
            return stored
        await asyncio.sleep(0.05)
    raise AssertionError("an answer does not end")


async def charged(shown: set[Any]) -> Counter[Any]:
    def read() -> Counter[Any]:
        with platform_scope("test"):
            return Counter(LedgerEntry.objects.filter(message__isnull=False).values_list("message", flat=True))

    for _ in range(200):
        found = await sync_to_async(read)()
        if shown <= found.keys():
            break
        await asyncio.sleep(0.05)
    return found


async def test_a_boardroom_of_a_killed_process_keeps_each_answers_state(bob: Person, pair: Pair) -> None:
    await killed_in_the_middle(bob, pair, 6)


@pytest.mark.long
@pytest.mark.parametrize("after", [1, 2, 15, 40, 100, 155])
async def test_whenever_a_boardroom_is_killed_it_ends(bob: Person, pair: Pair, after: int) -> None:
    await killed_in_the_middle(bob, pair, after)


@pytest.mark.long
async def test_twenty_boardrooms_with_one_provider_failing_slow_or_cut(room: Room) -> None:
    await sync_to_async(Limit.objects.update)(amount=1_000_000)
    chance = random.Random()
    faults: tuple[Callable[[], Answer], ...] = (
        lambda: Answer(error=chance.choice(["overloaded", "timeout", "server_error", "rate_limit"])),
        lambda: Answer("one two three four five six", cut=True, after=chance.randint(0, 5)),
        lambda: Answer("Slow and steady it comes along.", pace=0.05, delay=chance.random() / 4),
        lambda: Answer("We should hold the price for now."),
    )

    def say(call: llm.Call) -> str | Answer:
        if call.labels["persona"] == "board":
            minutes: list[str | Answer] = [form(dissent=[]), "no JSON", Answer(error="overloaded")]
            return chance.choice(minutes)
        return chance.choice(faults)()

    with llm.scripted.answers(say) as play:
        for _ in range(20):
            turn = await room.ask("Hold the price?", *ALL)
            if chance.random() < 0.3:
                victim = chance.choice(await room.answers(turn))
                await room.runner.stop(room.tenant, room.conversation, turn.id, victim.id)
            answers = await room.finished(turn)
            *officers, board = answers
            assert all(a.status in ENDED for a in answers)
            whole = [a for a in officers if a.status == "complete"]
            assert board.status in ({"complete", "stopped"} if len(whole) >= 2 else {"failed", "stopped"})
            if board.status == "complete":
                assert board.synthesis is not None
                assert set(board.synthesis["answers"]) == {a.persona for a in whole}
            assert await sync_to_async(held)() == (0, 0)
        made = len(play.calls)

    def attempts() -> int:
        with platform_scope("test"):
            return int(LedgerEntry.objects.count())

    assert await sync_to_async(attempts)() == made
