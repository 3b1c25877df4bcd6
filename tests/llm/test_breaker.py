"""A provider that keeps failing is left alone, one call finds out when it is back, and nobody's call fails for it."""

import asyncio
from collections.abc import Mapping

import pytest

from csuite import llm
from csuite.llm import breaker, conf
from csuite.llm.errors import CLASSES
from csuite.llm.state import Circuit, Failure, MemoryState
from tests.fake_provider import Answer, FakeProvider
from tests.llm.asking import Heard, hear, primary, question
from tests.llm.conftest import KeepingMeter

FOREVER = 30


async def ask(times: int) -> list[Heard]:
    return [await hear() for _ in range(times)]


async def probe_due(name: str = "fake") -> None:
    while (await breaker.standing())[name].left:
        await asyncio.sleep(0.01)


async def test_after_more_than_five_failures_nobody_calls_it(fake_provider: FakeProvider, meter: KeepingMeter) -> None:
    with primary(fake_provider, "fake-x500"):
        first = await ask(6)
        later = await ask(20)
    assert len(fake_provider.requests) == 6
    assert {heard.kind for heard in first + later} == {"server_error"}
    assert len(meter.attempts) == 6
    error = later[0].error
    assert error is not None
    assert 290 < (error.retry_after or 0) <= 300
    ((name, facts),) = meter.events
    assert (name, facts["provider"], facts["kind"], facts["seconds"]) == ("breaker_open", "fake", "server_error", 300.0)


async def test_while_it_rests_the_next_one_answers_at_once_and_the_person_is_told(
    fake_provider: FakeProvider, meter: KeepingMeter
) -> None:
    rows = {"other": fake_provider.row("fake-4t", title="Other")}
    with primary(fake_provider, "fake-x500", rows=rows), conf.override(FALLBACK="other"):
        await ask(6)
        fake_provider.clear()
        meter.attempts.clear()
        heard = await hear()
    assert [entry.model for entry in fake_provider.requests] == ["fake-4t"]
    assert heard.finished.note == "Fake failed, so fake-4t on Other wrote this."
    assert [(row.number, row.fallback) for row in meter.attempts] == [(1, True)]


async def test_when_all_rest_the_error_comes_at_once(fake_provider: FakeProvider) -> None:
    rows = {"other": fake_provider.row("fake-x503")}
    with primary(fake_provider, "fake-x500", rows=rows), conf.override(FALLBACK="other"):
        await ask(6)
        fake_provider.clear()
        heard = await hear(question(patience="batch"))
    assert fake_provider.requests == []
    assert heard.error is not None
    assert (heard.error.code, heard.error.tried) == ("provider_unavailable", ("fake", "other"))


async def test_of_twenty_callers_one_finds_out_whether_it_is_back(
    fake_provider: FakeProvider, meter: KeepingMeter
) -> None:
    with primary(fake_provider, "fake-4t-100f"), conf.override(BREAKER={"open": 0.05}):
        fake_provider.say(*[Answer(fault="500")] * 6)
        await ask(6)
        fake_provider.clear()
        await probe_due()
        heard = await asyncio.gather(*(hear() for _ in range(20)))
        assert len(fake_provider.requests) == 1
        assert sorted(one.kind for one in heard) == [""] + ["server_error"] * 19
        assert [one.kind for one in await ask(3)] == [""] * 3
    assert [name for name, _ in meter.events] == ["breaker_open", "breaker_probe", "breaker_closed"]


async def test_a_probe_that_fails_opens_it_again(fake_provider: FakeProvider) -> None:
    with primary(fake_provider, "fake-x500"), conf.override(BREAKER={"open": 0.05}):
        await ask(6)
        await probe_due()
        with conf.override(BREAKER={"open": FOREVER}):
            await ask(5)
    assert len(fake_provider.requests) == 7


async def test_a_probe_whose_reader_leaves_is_made_again(fake_provider: FakeProvider) -> None:
    with primary(fake_provider, "fake-4t-1000f"), conf.override(BREAKER={"open": 0.05}):
        fake_provider.say(*[Answer(fault="500")] * 6)
        await ask(6)
        await probe_due()
        leaving = asyncio.create_task(hear())
        while len(fake_provider.requests) < 7:
            await asyncio.sleep(0.005)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        fake_provider.say("back")
        assert (await hear()).text == "back"


async def test_half_of_the_calls_failing_is_enough(fake_provider: FakeProvider) -> None:
    with primary(fake_provider, "fake-4t-x429once"):
        heard = await ask(30)
    assert [one.kind for one in heard].count("") == 5
    assert len(fake_provider.requests) == 11


@pytest.mark.parametrize("kind", sorted(CLASSES))
async def test_each_kind_counts_as_its_record_says(kind: str, meter: KeepingMeter) -> None:
    with conf.override(PRIMARY="fake", PROVIDERS={"fake": {"base_url": "http://127.0.0.1:9/v1", "model": "m"}}):
        (route,) = await conf.seam("REGISTRY").routes(question(), None)
    weight = CLASSES[kind]().record.breaker
    needed = {"no": 0, "long": 1}.get(weight, 6)
    for number in range(1, 7):
        leave = breaker.Pass(route)
        await leave.settle(CLASSES[kind]())
        assert (await breaker.is_open(route)) == (0 < needed <= number)
    left = [circuit.left for circuit in (await breaker.standing()).values()]
    seconds = {"no": [], "soft": [60], "yes": [300], "long": [900]}[weight]
    assert left == pytest.approx(seconds, abs=5)
    alerts = [facts["alert"] for name, facts in meter.events if name == "breaker_open"]
    assert alerts == [weight == "long"] * (needed > 0)


async def test_a_limit_rests_as_long_as_the_provider_says_but_no_longer_than_a_failure(
    fake_provider: FakeProvider,
) -> None:
    for said, left in ((120, 120), (3600, 300), (1, 60)):
        fake_provider.say(*[Answer(fault="429", headers={"retry-after": str(said)})] * 6)
        with primary(fake_provider):
            await ask(6)
            assert (await breaker.standing())["fake"].left == pytest.approx(left, abs=5)
            assert await breaker.reset("fake")


async def test_a_bad_question_and_one_that_is_too_large_say_nothing_about_the_provider(
    fake_provider: FakeProvider,
) -> None:
    too_large = '{"error":{"message":"Request too large: Limit 6000, Requested 9000","code":"rate_limit_exceeded"}}'
    with primary(fake_provider, "fake-x400"):
        await ask(8)
        fake_provider.say(*[Answer(status=429, body=too_large)] * 8)
        heard = await ask(8)
    assert (heard[-1].kind, await breaker.standing()) == ("rate_limit", {})
    assert heard[-1].error is not None
    assert heard[-1].error.sentence == llm.errors.TOO_LONG


async def test_a_deadline_of_the_callers_own_says_nothing_about_the_provider(fake_provider: FakeProvider) -> None:
    with primary(fake_provider, "fake-xhang"):
        for _ in range(7):
            assert (await hear(question(timeout=0.02))).kind == "timeout"
    assert await breaker.standing() == {}


async def test_another_key_is_tried_at_once(fake_provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_API_KEY", "sk-old")
    with primary(fake_provider, "fake-4t", key_name="FAKE_API_KEY"):
        fake_provider.say(Answer(fault="401"))
        assert [one.kind for one in await ask(3)] == ["authentication"] * 3
        assert len(fake_provider.requests) == 1
        monkeypatch.setenv("FAKE_API_KEY", "sk-new")
        assert (await hear()).error is None


async def test_it_is_closed_by_hand(fake_provider: FakeProvider, meter: KeepingMeter) -> None:
    with primary(fake_provider, "fake-4t"):
        fake_provider.say(Answer(fault="402"))
        await ask(2)
        assert await breaker.reset("fake")
        assert not await breaker.reset("fake")
        assert (await hear()).error is None
    assert [name for name, _ in meter.events] == ["breaker_open", "breaker_closed"]


async def test_the_analyst_and_the_script_are_never_left_alone() -> None:
    with llm.scripted.answers(llm.scripted.Answer(error="quota")) as play:
        await ask(8)
    assert len(play.calls) == 8


class Lost(MemoryState):
    """A shared state that cannot be reached."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    async def circuits(self) -> Mapping[str, Circuit]:
        self.asked += 1
        raise ConnectionError("gone")

    async def failed(self, provider: str, failure: Failure, token: str | None) -> bool:
        raise ConnectionError("gone")


async def test_without_the_shared_state_each_process_goes_by_its_own(fake_provider: FakeProvider) -> None:
    lost = Lost()
    with primary(fake_provider, "fake-4t"), conf.override(STATE=lost):
        assert (await hear()).error is None
        fake_provider.say(*[Answer(fault="500")] * 6)
        await ask(10)
    assert len(fake_provider.requests) == 7
    assert lost.asked == 1


async def test_a_shared_state_that_goes_away_leaves_what_was_seen(fake_provider: FakeProvider) -> None:
    with primary(fake_provider, "fake-x500"):
        await ask(6)
        with conf.override(STATE=Lost()):
            await ask(3)
    assert len(fake_provider.requests) == 6


async def test_a_shared_state_that_hangs_is_not_waited_for(
    fake_provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "STATE_SECONDS", 0.05)

    class Hanging(MemoryState):
        async def circuits(self) -> Mapping[str, Circuit]:
            await asyncio.sleep(FOREVER)
            return {}

    with primary(fake_provider, "fake-4t"), conf.override(STATE=Hanging()):
        assert (await hear()).error is None
