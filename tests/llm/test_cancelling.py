"""Who stops reading stops paying: the connection is closed at once, and the attempt is booked all the same."""

import asyncio
from contextlib import aclosing

import pytest

from csuite import llm
from tests.fake_provider import FakeProvider
from tests.llm.asking import primary, question
from tests.llm.conftest import KeepingMeter
from tests.llm.servers import gone

pytestmark = pytest.mark.usefixtures("transport")


async def leave_after(words: int) -> str:
    text = ""
    async with aclosing(llm.stream(question())) as events:
        async for event in events:
            if isinstance(event, llm.Delta):
                text += event.text
                words -= 1
                if words <= 0:
                    break
    return text


async def test_closing_the_stream_closes_the_connection_and_books_what_was_said(
    fake_provider: FakeProvider, meter: KeepingMeter
) -> None:
    with primary(fake_provider, "fake-200t-5ms"):
        text = await leave_after(3)
    await gone(fake_provider)
    (seen,) = fake_provider.requests
    assert seen.tokens < 200
    (attempt,) = meter.attempts
    assert (attempt.error_kind, attempt.usage.estimated) == ("cancelled", True)
    assert attempt.usage.completion == -(-len(text) // 4)
    assert meter.holds[0].closed == 1


@pytest.mark.parametrize("model", ["fake-xhang", "fake-200t-5ms", "fake-20t-1ms-xstall"])
async def test_cancelling_the_reader_closes_the_connection_within_a_second(
    fake_provider: FakeProvider, meter: KeepingMeter, model: str
) -> None:
    with primary(fake_provider, model):
        task = asyncio.create_task(leave_after(10_000))
        while not fake_provider.requests:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
        seen = fake_provider.requests[0]
        asked_to_stop = seen.since()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await gone(fake_provider)
    assert seen.client_gone_after_ms is not None
    assert seen.client_gone_after_ms - asked_to_stop < 1000
    assert [attempt.error_kind for attempt in meter.attempts] == ["cancelled"]
    assert meter.holds[0].closed == 1


async def test_a_cancelled_call_that_is_not_streamed_closes_its_connection_too(
    fake_provider: FakeProvider, meter: KeepingMeter
) -> None:
    with primary(fake_provider, "fake-xhang"):
        task = asyncio.create_task(llm.complete(question()))
        while not fake_provider.requests:
            await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await gone(fake_provider)
    assert [attempt.error_kind for attempt in meter.attempts] == ["cancelled"]


async def test_a_second_cancel_does_not_lose_the_booking(fake_provider: FakeProvider, meter: KeepingMeter) -> None:
    booked = asyncio.Event()

    class SlowHold(llm.Hold):
        async def attempt(self, outcome: llm.Attempt) -> None:
            await asyncio.sleep(0.05)
            await super().attempt(outcome)
            booked.set()

    hold = SlowHold()
    with primary(fake_provider, "fake-200t-5ms"):

        async def read() -> None:
            async with aclosing(llm.stream(question(hold=hold))) as events:
                async for _ in events:
                    pass

        task = asyncio.create_task(read())
        while not fake_provider.requests:
            await asyncio.sleep(0.005)
        task.cancel()
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert booked.is_set()
    assert [attempt.error_kind for attempt in hold.attempts] == ["cancelled"]


async def test_a_timeout_of_the_caller_is_the_callers_and_not_ours(
    fake_provider: FakeProvider, meter: KeepingMeter
) -> None:
    with primary(fake_provider, "fake-xhang"), pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await llm.complete(question())
    assert [attempt.error_kind for attempt in meter.attempts] == ["cancelled"]
