"""Many questions that end in every way: nothing stays held, and the ledger is the provider's journal to the token."""

import asyncio
import os
import random
import sys
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from csuite.analytics.models import LedgerEntry
from csuite.conversations.models import Message, Turn
from csuite.tenants.scope import platform_scope
from tests.analytics.money import budget, counter, held, priced
from tests.analytics.reconciling import asked_in, cost_of, mark_of, reconcile
from tests.conversations.processes import Pair, Person, bob
from tests.fake_provider import running_apart

__all__ = ["bob"]

MODEL = "fake-16t-15ms"
LOOP = int(os.environ.get("LOOP_QUESTIONS", "500"))  # of the long one; a thousand with eight kills passed as well
FAULTS = ["cut", "fin", "errchunk", "errgroq", "500", "503", "429", "gone"]
WORDS = ["Your", "reve", "nue ", "grew", ", bu", "t co", "sts ", "did."]  # four letters each, as both sides count


@pytest.fixture(scope="module")
def pair(django_db_setup: None) -> Iterator[Pair]:
    """Circuits that stay closed: here each question shall reach the provider, however many have failed."""
    with running_apart() as provider:
        found = Pair(provider, MODEL, LLM_BREAKER_FAILURES="1000000")
        found.start()
        yield found
        found.stop()


async def asked(person: Person, pair: Pair, number: int, chance: random.Random) -> None:
    """One question that ends somehow: read to its end, stopped, left, broken by the provider, or killed with us."""
    conversation = await person.conversation()
    first, second = chance.sample([pair.one, pair.two], 2)
    for web in (first, second, first, second):
        try:
            async with person.talk(web, conversation) as talk:
                await talk.ask(f"Why did gross margin fall? [q{number}]", *chance.choice([("cfo",), ("cfo", "ceo")]))
                started = await talk.of_type("turn.started")
                way = chance.random()
                if way < 0.5:
                    await talk.finished(started["turn"])
                elif way < 0.85:
                    await asyncio.sleep(chance.uniform(0, 0.3))
                    await talk.send(type="stop", turn=started["turn"])
                    await talk.finished(started["turn"])
                else:
                    await asyncio.sleep(chance.uniform(0, 0.2))  # and gone
            return
        except (OSError, InvalidHandshake):  # this process is being killed: the other one is asked
            await asyncio.sleep(0.05)
        except (ConnectionClosed, TimeoutError):
            return


def still_open() -> tuple[int, Any]:
    with platform_scope("test"):
        return Turn.objects.exclude(status="finished").count(), held()


def stored() -> tuple[list[LedgerEntry], dict[uuid.UUID, str], dict[uuid.UUID, str]]:
    """The ledger; of each answer the mark of its question, and its text."""
    with platform_scope("test"):
        answers = Message.objects.filter(kind="answer").select_related("parent")
        # The minutes of a synthesis are written from what a model sent; they are not its words.
        said = {one.id: "" if one.role == Message.Role.SYNTHESIS else one.text for one in answers}
        rows = [(answer.id, mark_of(answer.parent.text), said[answer.id]) for answer in answers]
        return list(LedgerEntry.objects.all()), {i: mark for i, mark, _ in rows}, {i: text for i, _, text in rows}


@pytest.mark.parametrize(("questions", "kills"), [pytest.param(60, 1), pytest.param(LOOP, 4, marks=pytest.mark.long)])
async def test_after_stops_errors_and_kills_nothing_is_held_and_the_ledger_is_the_journal(
    bob: Person, pair: Pair, questions: int, kills: int
) -> None:
    await sync_to_async(priced)(provider="fireworks", model=MODEL, input=Decimal(100))
    tenant = bob.member.tenant_id
    scopes: list[dict[str, Any]] = [
        {}, {"scope": "persona", "persona": "cfo"}, {"scope": "user", "user": bob.user.id, "period": "day"},
    ]  # fmt: skip
    budgets = [await sync_to_async(budget)(tenant, "100000", **scope) for scope in scopes]
    chance = random.Random(questions)
    gate = asyncio.Semaphore(20)

    async def one(number: int) -> None:
        async with gate:
            if chance.random() < 0.2:
                pair.say(pieces=WORDS, fault=chance.choice(FAULTS), after=chance.choice([0, 1, 3]), pace_ms=15)
            await asked(bob, pair, number, chance)

    share = questions // kills
    for start in range(0, questions, share):
        asking = [asyncio.create_task(one(number)) for number in range(start, start + share)]
        await asyncio.wait(asking[: share // 2])
        pair.one.kill()
        await asyncio.to_thread(pair.one.start)
        await asyncio.gather(*asking)
    for _ in range(900):
        if await sync_to_async(still_open)() == (0, (0, 0)):
            break
        await asyncio.sleep(0.1)
    assert await sync_to_async(still_open)() == (0, (0, 0))
    await asyncio.sleep(1)  # what a dead process used is booked after its turn was closed
    journal = pair.journal()
    rows, marks, texts = await sync_to_async(stored)()
    told = reconcile({"fireworks": journal}, rows, marks, texts)
    reached = {asked_in(entry) for entry in journal}
    sys.stdout.write(f"{len(reached)} of {questions} questions reached the provider, {len(journal)} requests: {told}\n")
    assert len(reached) >= questions * (0.9 if questions > 500 else 0.75)  # of few, chance breaks off more
    assert told["not sent"] <= max(2, questions // 50)  # stopped or killed between the note and its request
    spent = [(await sync_to_async(counter)(one)).spent for one in budgets]
    assert spent == [cost_of(rows), cost_of(row for row in rows if row.persona == "cfo"), cost_of(rows)]
