"""Many calls at once."""

import asyncio

import pytest

from csuite import llm
from csuite.llm import scripted
from csuite.llm.errors import BudgetExceeded, LLMError
from tests.llm.conftest import KeepingMeter


def calls(count: int) -> list[llm.Call]:
    return [llm.Call(messages=(llm.Message("user", str(n)),), labels={"tenant": "t"}) for n in range(count)]


def echo(call: llm.Call) -> scripted.Answer:
    number = int(call.messages[0].text)
    return scripted.Answer(f"answer {number}", delay=0.001 * (7 - number % 7), error="quota" if number == 3 else "")


async def test_answers_come_in_order_and_one_failure_costs_no_other(meter: KeepingMeter) -> None:
    with scripted.answers(echo):
        outcomes = await llm.batch(calls(20))
    assert isinstance(outcomes[3], LLMError)
    assert outcomes[3].kind == "quota"
    said = {n: outcome.text for n, outcome in enumerate(outcomes) if isinstance(outcome, llm.Reply)}
    assert said == {n: f"answer {n}" for n in range(20) if n != 3}
    assert len(meter.holds) == 1
    assert meter.holds[0].closed == 1
    assert len(meter.attempts) == 20


async def test_only_so_many_run_at_a_time() -> None:
    running, most = 0, 0
    go_on = asyncio.Event()

    def watched(call: llm.Call) -> scripted.Answer:
        nonlocal running, most
        running += 1
        most = max(most, running)
        return scripted.Answer(pieces=["a", go_on])

    with scripted.answers(watched):
        task = asyncio.create_task(llm.batch(calls(12)))
        while running < 5:
            await asyncio.sleep(0)
        for _ in range(20):
            await asyncio.sleep(0)
        assert most == 5
        running = -100
        go_on.set()
        assert len(await task) == 12


async def test_a_cancelled_batch_leaves_nothing_running_and_no_reservation(meter: KeepingMeter) -> None:
    with scripted.answers(scripted.Answer(pieces=["a", asyncio.Event()])) as play:
        task = asyncio.create_task(llm.batch(calls(9), concurrency=3))
        while len(play.calls) < 3:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert play.closed == 3
    assert [attempt.error_kind for attempt in meter.attempts] == ["cancelled"] * 3
    assert meter.holds[0].closed == 1


async def test_a_refused_reservation_asks_nobody(meter: KeepingMeter, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(calls: object) -> None:
        raise BudgetExceeded("used up")

    monkeypatch.setattr(meter, "reserve", refuse)
    with scripted.answers("x") as play, pytest.raises(BudgetExceeded):
        await llm.batch(calls(2))
    assert not play.calls


async def test_nothing_is_asked_of_nobody(meter: KeepingMeter) -> None:
    assert await llm.batch([]) == []
    assert not meter.holds
