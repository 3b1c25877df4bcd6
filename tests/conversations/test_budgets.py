"""Budgets in a conversation: what is said before, what a refused question reads like, what a killed process leaves."""

import uuid
from decimal import Decimal
from typing import Any

from asgiref.sync import sync_to_async

from csuite.conversations.estimating import estimate_frame
from csuite.conversations.frames_in import EstimateFrame
from tests.analytics.money import budget, held, paid, priced
from tests.conversations.conftest import Room
from tests.conversations.processes import MODEL, Pair, Person, answer, bob, pair
from tests.conversations.test_sse import ask as ask_over_sse
from tests.fake_provider import FakeProvider
from tests.fake_provider.fixture import fake_provider

__all__ = ["bob", "fake_provider", "pair"]


async def budgeted(tenant: uuid.UUID, amount: str | None, **price: Any) -> Any:
    await sync_to_async(priced)(**price)
    return await sync_to_async(budget)(tenant, amount)


def frame(*personas: str) -> EstimateFrame:
    return EstimateFrame(type="estimate", id="12345678", text="Why?", personas=list(personas))


async def test_an_estimate_says_what_the_budget_leaves(room: Room, fake_provider: FakeProvider) -> None:
    with paid(fake_provider):
        await sync_to_async(priced)()
        said = await estimate_frame(room.member, room.conversation, frame("cfo"))
        assert (said["budget_left"], said["currency"]) == (None, "USD")
        await sync_to_async(budget)(room.tenant, "7.5")
        await sync_to_async(budget)(room.tenant, "3", scope="persona", persona="cmo")
        one = await estimate_frame(room.member, room.conversation, frame("cfo"))
        two = await estimate_frame(room.member, room.conversation, frame("cfo", "cmo"))
    assert (one["budget_left"], two["budget_left"]) == ("7.5000", "3.0000")
    assert Decimal(one["high"]) > Decimal(one["low"]) > 0
    assert Decimal(two["high"]) > Decimal(one["high"])


async def test_a_turn_under_a_budget_begins_with_its_estimate(room: Room, fake_provider: FakeProvider) -> None:
    await budgeted(room.tenant, "100")
    with paid(fake_provider):
        turn = await room.ask("Why?", "cfo", "ceo")
        answers = await room.finished(turn)
    started = await room.seat.of_type("turn.started", turn.id)
    assert started["estimate"]["budget_left"] == "100.0000"
    assert Decimal(started["estimate"]["high"]) > Decimal(started["estimate"]["low"]) > 0
    assert [one.status for one in answers] == ["complete", "complete", "complete"]
    assert await sync_to_async(held)() == (0, 0)


async def test_a_refused_question_is_kept_and_says_why_and_what_to_do(room: Room, fake_provider: FakeProvider) -> None:
    await budgeted(room.tenant, "0.01")
    with paid(fake_provider):
        turn = await room.ask("Why?", "cfo", "ceo")
        answers = await room.finished(turn)
    assert [f["type"] for f in room.seat.frames] == [
        "turn.started", "answer.finished", "answer.finished", "answer.finished", "turn.finished",
    ]  # fmt: skip
    for one in answers:
        assert (one.status, one.error_code) == ("failed", "budget_exceeded")
        assert "company budget for" in one.note
        assert "Your question is kept; ask your finance team to raise it" in one.note
    assert fake_provider.requests == []
    assert await sync_to_async(held)() == (0, 0)


async def test_a_program_over_sse_is_told_by_code(bob: Person, pair: Pair) -> None:
    await budgeted(bob.member.tenant_id, "0", provider="fireworks", model=MODEL)
    name, said = (await ask_over_sse(pair, bob))[-1]
    assert (name, said["code"]) == ("error", "budget_exceeded")
    assert "There is no company budget" in said["message"]
    assert pair.journal() == []


async def test_without_javascript_the_refusal_stands_on_the_page(bob: Person, pair: Pair, cast: Any) -> None:
    await budgeted(bob.member.tenant_id, "0", provider="fireworks", model=MODEL)
    browser = await sync_to_async(cast.client)(cast.bob)
    made = await sync_to_async(browser.post)("/conversations/", {"text": "Why?", "persona": "cfo"})
    conversation = uuid.UUID(made["Location"].strip("/").rpartition("/")[2])
    await answer(conversation)
    page = (await sync_to_async(browser.get)(f"/conversations/{conversation}/")).content.decode()
    assert "There is no company budget" in page
    assert "Your question is kept" in page
