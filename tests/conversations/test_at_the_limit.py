"""What happens at 80 and at 100 % of a budget, through questions: it is told, a smaller model answers, or it stops."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from asgiref.sync import sync_to_async
from django.core import mail

from csuite.analytics.alerts.rows import Alert
from csuite.analytics.models import Budget
from csuite.conversations.models import Message
from csuite.llm import conf
from csuite.tenants.db import in_db
from tests.analytics.money import ANSWER, TOKENS, budget, counter, held, paid, priced
from tests.conversations.conftest import Room
from tests.fake_provider import Answer, FakeProvider
from tests.fake_provider.fixture import fake_provider

__all__ = ["fake_provider"]
LARGE, SMALL = f"fake/fake-{TOKENS}t", "fake-5t"


@contextmanager
def answering(fake: FakeProvider, **more: Any) -> Iterator[None]:
    """Answers of twenty tokens at most: 0.02 each, and so much is held. The smallest models have five."""
    tiers = {"premium": [LARGE], "standard": [LARGE], "bulk": [f"fake/{SMALL}"]}
    with paid(fake), conf.override(MAX_TOKENS=TOKENS, TIERS=tiers, **more):
        yield


@sync_to_async
def company(room: Room, amount: Decimal, **fields: Any) -> Budget:
    priced()
    priced(SMALL)
    return budget(room.tenant, str(amount), **fields)


async def answered(room: Room) -> Message:
    (one,) = await room.finished(await room.ask("Why?"))
    return one


async def alerts(room: Room, count: int) -> list[Any]:
    """The alerts of budgets, once there are so many: they are raised beside the answer, not before it."""

    def read() -> list[Any]:
        found = Alert.objects.filter(rule="budget").order_by("opened_at")
        return list(found.values_list("threshold", "severity"))

    for _ in range(200):
        if len(found := await in_db(read, tenant=room.tenant)) >= count:
            break
        await asyncio.sleep(0.05)
    return found


async def test_at_80_percent_it_is_told_and_goes_on_and_at_100_it_stops(
    room: Room, fake_provider: FakeProvider
) -> None:
    made = await company(room, 5 * ANSWER)
    with answering(fake_provider):
        for _ in range(3):
            assert (await answered(room)).status == "complete"
        assert await alerts(room, 0) == []
        assert (await answered(room)).status == "complete"  # 80 % with it
        assert await alerts(room, 1) == [("80%", "warning")]
        assert (await answered(room)).status == "complete"  # 100 %
        assert (await alerts(room, 2))[1] == ("100%", "serious")
        refused = await answered(room)
        assert (refused.status, refused.error_code) == ("failed", "budget_exceeded")
        assert "is used up" in refused.note
        assert len(fake_provider.requests) == 5
        again = await room.finished(await room.again("regenerate", refused.id))
        assert [one.error_code for one in again] == ["budget_exceeded"]  # another try is no way round
        assert len(fake_provider.requests) == 5
    assert (await sync_to_async(counter)(made)).spent == 5 * ANSWER
    assert await sync_to_async(held)() == (0, 0)
    for _ in range(200):
        if {message.to[0] for message in mail.outbox} >= {"fiona@acme.example"}:
            break
        await asyncio.sleep(0.05)
    assert any("80% of the company budget" in message.subject for message in mail.outbox)


async def test_a_soft_budget_tells_of_its_end_and_goes_on(room: Room, fake_provider: FakeProvider) -> None:
    await company(room, ANSWER, hard=False)
    with answering(fake_provider):
        assert [(await answered(room)).status for _ in range(2)] == ["complete"] * 2
    assert await alerts(room, 1) == [("100%", "serious")]


async def test_from_its_share_on_a_smaller_model_answers_and_says_why(room: Room, fake_provider: FakeProvider) -> None:
    await company(room, 5 * ANSWER, step_down_at=Decimal("0.4"), step_down_to="bulk")
    with answering(fake_provider):
        answers = [await answered(room) for _ in range(3)]
    assert [one.model for one in answers] == [f"fake-{TOKENS}t", f"fake-{TOKENS}t", SMALL]
    assert [one.note for one in answers][:2] == ["", ""]
    assert "To stay within the budget" in answers[2].note
    assert "a smaller model" in answers[2].note


async def test_from_its_share_on_the_analyst_answers_at_no_cost_and_is_never_refused(
    room: Room, fake_provider: FakeProvider
) -> None:
    made = await company(room, ANSWER, step_down_at=Decimal(1), step_down_to="analyst")
    with answering(fake_provider, ANALYST="csuite.personas.analyst.Analyst"):
        answers = [await answered(room) for _ in range(3)]
    assert [one.provider for one in answers] == ["fake", "analyst", "analyst"], answers[1].note
    assert all(one.status == "complete" for one in answers)
    assert "No language model was used" in answers[2].note
    assert len(fake_provider.requests) == 1
    assert (await sync_to_async(counter)(made)).spent == ANSWER


async def test_an_interrupted_answer_is_not_continued_beyond_the_limit(room: Room, fake_provider: FakeProvider) -> None:
    await company(room, 2 * ANSWER)
    with answering(fake_provider):
        fake_provider.say(Answer(pieces=["Your", " mar"], fault="errchunk", after=2))
        broken = await answered(room)
        assert broken.status == "interrupted"
        assert (await answered(room)).status == "complete"
        on = await room.finished(await room.again("continue", broken.id))
    assert [one.error_code for one in on] == ["budget_exceeded"]
    assert len(fake_provider.requests) == 2
