"""Embeddings fail as every call does: by the one table of errors, through the circuit, booked attempt by attempt."""

import asyncio

import pytest

from csuite import llm
from csuite.llm import breaker, conf
from csuite.llm.call import Call
from csuite.llm.errors import KINDS, BudgetExceeded, LLMError
from csuite.llm.hold import Hold
from csuite.llm.pacing import MemoryPace
from csuite.llm.registry import Route
from tests.fake_provider import Answer, FakeProvider
from tests.llm.asking import primary
from tests.llm.conftest import KeepingMeter
from tests.llm.test_breaker import FOREVER, probe_due

LABELS = {"tenant": "t1"}
FAULTS = {
    "400": "invalid_request",
    "401": "authentication",
    "402": "quota",
    "403": "permission",
    "404": "not_found",
    "429": "rate_limit",
    "500": "server_error",
    "529": "overloaded",
    "gone": "connection",
    "html": "malformed",
}


async def embedded() -> str:
    """The kind of error, "" for vectors."""
    try:
        await llm.embed(["a"], labels=LABELS)
    except LLMError as error:
        return error.kind
    return ""


@pytest.mark.parametrize(("fault", "kind"), FAULTS.items())
async def test_each_fault_is_tried_again_and_counted_as_its_record_says(
    fake_provider: FakeProvider, meter: KeepingMeter, fault: str, kind: str
) -> None:
    fake_provider.say(Answer(fault=fault, headers={"retry-after": "0"}, repeat=True))
    record = KINDS[kind]
    with primary(fake_provider, embedding_model="m"):
        assert await embedded() == kind
        calls = 4 if record.retry == "opening" else 1
        assert len(fake_provider.requests) == len(meter.attempts) == calls
        assert {row.error_kind for row in meter.attempts} == {kind}
        for _ in range(9):
            assert await embedded() == kind
    opens_at = {"no": 10, "long": 1}.get(record.breaker, 6)
    assert len(fake_provider.requests) == opens_at
    assert bool(await breaker.standing()) == (record.breaker != "no")


async def test_while_the_circuit_is_open_nobody_is_asked_and_one_probe_finds_out(
    fake_provider: FakeProvider, meter: KeepingMeter
) -> None:
    fake_provider.say(*[Answer(fault="500")] * 6)
    with primary(fake_provider, embedding_model="m"), conf.override(BREAKER={"open": 0.05}):
        for _ in range(2):
            await embedded()
        assert len(fake_provider.requests) == 6
        await probe_due()
        with conf.override(BREAKER={"open": FOREVER}):
            kinds = await asyncio.gather(*(embedded() for _ in range(20)))
        assert len(fake_provider.requests) == 7
        assert sorted(kinds) == [""] + ["server_error"] * 19
        assert await embedded() == ""
    assert [name for name, _ in meter.events if name != "retry"] == ["breaker_open", "breaker_probe", "breaker_closed"]


async def test_a_provider_that_fails_with_words_is_not_asked_for_vectors_either(fake_provider: FakeProvider) -> None:
    fake_provider.say(Answer(fault="401"))
    with primary(fake_provider, embedding_model="m"):
        with pytest.raises(llm.errors.Unauthenticated):
            await llm.complete(llm.Call(messages=(llm.Message("user", "?"),), labels=LABELS))
        assert await embedded() == "authentication"
    assert len(fake_provider.requests) == 1


async def test_another_model_never_stands_in(fake_provider: FakeProvider) -> None:
    rows = {"other": fake_provider.row(embedding_model="another")}
    fake_provider.say(Answer(fault="404"))
    with primary(fake_provider, rows=rows, embedding_model="m"):
        assert await embedded() == "not_found"
    assert [entry.model for entry in fake_provider.requests] == ["m"]


async def test_the_providers_own_rate_holds_for_vectors(fake_provider: FakeProvider) -> None:
    with primary(fake_provider, embedding_model="m", rate_limit_rpm=2), conf.override(PACE=MemoryPace()):
        kinds = [await embedded() for _ in range(3)]
    assert (kinds, len(fake_provider.requests)) == (["", "", "rate_limit"], 2)


async def test_what_the_hold_does_not_cover_is_not_asked(fake_provider: FakeProvider) -> None:
    class Spent(Hold):
        async def cover(self, call: Call, route: Route, *, number: int = 1, fallback: bool = False) -> None:
            raise BudgetExceeded()

    with primary(fake_provider, embedding_model="m"), pytest.raises(BudgetExceeded):
        await llm.embed(["a"], labels=LABELS, hold=Spent())
    assert fake_provider.requests == []
