"""Who is asked next: paid for first, only where it may help, and the person is told who answered instead of whom."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from csuite import llm
from csuite.llm import conf
from csuite.llm.call import Call
from csuite.llm.errors import BudgetExceeded
from csuite.llm.registry import EnvRegistry, Route
from tests.fake_provider import Answer, FakeProvider
from tests.llm.asking import hear, primary
from tests.llm.conftest import KeepingMeter, KeptHold

CONTEXT = '{"error":{"message":"too long","code":"context_length_exceeded"}}'


class Fields(EnvRegistry):
    """The usual chain with fields of its routes changed, by provider."""

    def __init__(self, **changed: dict[str, object]) -> None:
        self.changed = changed

    async def routes(self, call: Call, wanted: str | None, *, streamed: bool = False) -> tuple[Route, ...]:
        return tuple(
            replace(route, **self.changed.get(route.provider.name, {}))  # type: ignore[arg-type]
            for route in await super().routes(call, wanted, streamed=streamed)
        )


class PurseHold(KeptHold):
    """Pays for the providers it is told, for no other."""

    __slots__ = ("purse",)

    def __init__(self, purse: "Purse") -> None:
        super().__init__(purse, None)
        self.purse = purse

    async def cover(self, call: Call, route: Route, *, number: int = 1, fallback: bool = False) -> None:
        self.purse.asked.append(route.provider.name)
        if route.provider.name not in self.purse.pays:
            raise BudgetExceeded("no money left")


class Purse(KeepingMeter):
    def __init__(self, *pays: str) -> None:
        super().__init__()
        self.pays = pays
        self.asked: list[str] = []

    async def reserve(self, calls: Sequence[Call]) -> PurseHold:
        return PurseHold(self)


async def test_every_attempt_is_paid_for_before_it_is_made(fake_provider: FakeProvider) -> None:
    purse = Purse("fake", "other")
    rows = {"other": fake_provider.row("fake-4t")}
    with primary(fake_provider, "fake-x500", rows=rows), conf.override(FALLBACK="other", METER=purse):
        heard = await hear()
    assert heard.error is None
    assert purse.asked == ["fake", "other"]


async def test_what_the_budget_does_not_cover_is_not_asked(fake_provider: FakeProvider) -> None:
    purse = Purse()
    with primary(fake_provider), conf.override(METER=purse):
        heard = await hear()
    assert (heard.kind, fake_provider.requests, purse.attempts) == ("budget", [], [])
    assert heard.error is not None
    assert (heard.error.code, heard.error.tenant) == ("budget_exceeded", "t1")


async def test_a_stand_in_that_is_too_dear_leaves_the_first_failure_to_be_told(fake_provider: FakeProvider) -> None:
    rows = {"other": fake_provider.row("fake-4t")}
    with primary(fake_provider, "fake-x500", rows=rows), conf.override(FALLBACK="other", METER=Purse("fake")):
        heard = await hear()
    assert heard.kind == "server_error"
    assert heard.error is not None
    assert heard.error.tried == ("fake", "other")
    assert [entry.model for entry in fake_provider.requests] == ["fake-x500"]


@pytest.mark.parametrize(
    ("failed", "other", "answered"),
    [
        (8_000, 128_000, True),
        (None, 128_000, True),
        (8_000, 8_000, False),
        (8_000, None, False),
        (None, None, False),
        (100, 2_000, False),  # larger, and still too small for the answer
    ],
)
async def test_a_conversation_that_is_too_long_goes_to_a_larger_window_only(
    fake_provider: FakeProvider, failed: int | None, other: int | None, answered: bool
) -> None:
    fake_provider.say(Answer(body=CONTEXT, status=400, headers={"content-type": "application/json"}))
    registry = Fields(fake={"window": failed}, other={"window": other})
    rows = {"other": fake_provider.row("fake-4t")}
    with primary(fake_provider, rows=rows), conf.override(FALLBACK="other", REGISTRY=registry):
        heard = await hear()
    assert (heard.error is None) is answered
    assert len(fake_provider.requests) == 1 + answered
    if not answered:
        assert (heard.kind, heard.error.code if heard.error else "") == ("context_length", "too_long")


async def test_a_smaller_model_says_so_under_the_answer(fake_provider: FakeProvider, meter: KeepingMeter) -> None:
    registry = Fields(other={"step_down": True, "tier": "bulk"})
    rows = {"other": fake_provider.row("acme/fake-4t", title="Other")}
    with primary(fake_provider, "fake-x429", rows=rows), conf.override(FALLBACK="other", REGISTRY=registry):
        heard = await hear()
    assert heard.finished.note == "Fake was over its limit, so a smaller model, fake-4t on Other, wrote this."
    assert heard.started.note == heard.finished.note
    facts = dict(meter.events)["step_down"]
    assert facts == {"provider": "other", "model": "acme/fake-4t", "tier": "bulk", "tenant": "t1"}


async def test_a_budget_that_asks_for_less_is_named_as_the_reason(
    fake_provider: FakeProvider, meter: KeepingMeter
) -> None:
    meter.route = "bulk"
    with primary(fake_provider, "fake-4t"):
        heard = await hear()
    assert heard.finished.note == "To stay within the budget, a smaller model, fake-4t on Fake, wrote this."
    assert [name for name, _ in meter.events] == ["step_down"]


async def test_a_smaller_model_that_never_spoke_is_not_counted(
    fake_provider: FakeProvider, meter: KeepingMeter
) -> None:
    with primary(fake_provider, "fake-x500"), conf.override(REGISTRY=Fields(fake={"step_down": True})):
        assert (await hear()).kind == "server_error"
    assert "step_down" not in dict(meter.events)


async def test_an_error_tells_where_it_happened(fake_provider: FakeProvider) -> None:
    fake_provider.say(Answer(fault="429", headers={"retry-after": "7", "x-request-id": "req_9"}))
    with primary(fake_provider, "fake-m"):
        heard = await hear()
    error = heard.error
    assert isinstance(error, llm.errors.RateLimited)
    assert (error.provider, error.model, error.tenant, error.attempt) == ("fake", "fake-m", "t1", 1)
    assert (error.request_id, error.retry_after, error.status) == ("req_9", 7.0, 429)
    assert error.sentence == llm.errors.BUSY
