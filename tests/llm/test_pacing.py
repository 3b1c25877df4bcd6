"""What a provider allows us is kept before it is asked."""

import pytest

from csuite import llm
from csuite.llm import conf
from csuite.llm.errors import LLMError
from csuite.llm.pacing import DAY, MINUTE, MemoryPace
from tests.fake_provider import FakeProvider
from tests.llm.conftest import KeepingMeter

CALL = llm.Call(messages=(llm.Message("user", "Why?"),), labels={"tenant": "t"})


async def test_a_full_provider_is_passed_over_without_a_call(
    fake_provider: FakeProvider, meter: KeepingMeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FULL_RATE_LIMIT_RPM", "2")
    rows = {"full": fake_provider.row("fake-1t"), "other": fake_provider.row("fake-2t")}
    with conf.override(PROVIDERS=rows, PRIMARY="full", FALLBACK="other", PACE=MemoryPace()):
        replies = [await llm.complete(CALL) for _ in range(3)]
    assert [reply.provider for reply in replies] == ["full", "full", "other"]
    assert replies[2].note
    assert [entry.model for entry in fake_provider.requests] == ["fake-1t", "fake-1t", "fake-2t"]
    assert [attempt.provider for attempt in meter.attempts] == ["full", "full", "other"]


async def test_with_nobody_else_a_full_provider_is_a_rate_limit_that_says_how_long(
    fake_provider: FakeProvider, meter: KeepingMeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {"full": fake_provider.row("fake-1t", rate_limit_rpd=0)}
    with conf.override(PROVIDERS=rows, PRIMARY="full", PACE=MemoryPace()), pytest.raises(LLMError) as raised:
        await llm.complete(CALL)
    assert raised.value.kind == "rate_limit"
    assert raised.value.retry_after is not None
    assert 0 < raised.value.retry_after <= DAY
    assert not fake_provider.requests
    assert not meter.attempts
    assert [hold.closed for hold in meter.holds] == [1]


async def test_a_window_ends_and_the_next_begins_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_800_000_000.0
    monkeypatch.setattr("csuite.llm.pacing.time.time", lambda: now)
    pace = MemoryPace()
    rates = {MINUTE: 1, DAY: 3}
    taken = []
    for _ in range(4):
        taken.append(await pace.take("groq", rates))
        now += 60
    assert taken[:3] == [None, None, None]
    assert taken[3] == DAY - (now - 60) % DAY
    assert await pace.take("other", rates) is None
