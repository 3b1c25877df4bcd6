"""THREATS T43 and T47: what is stopped is paid, and nothing goes round the gate. T40 to T46 are in test_budgets.py,
test_holds.py and test_budgets_of_many.py."""

import asyncio
import contextlib
import json
import random
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from pydantic import BaseModel

from csuite import llm
from csuite.analytics.bulk.running import run
from csuite.llm import conf
from csuite.llm.errors import LLMError
from csuite.llm.estimating import quotes
from csuite.providers.trying import STANDARD
from csuite.providers.trying import run as try_model
from csuite.tenants.db import in_db, in_thread
from csuite.tenants.models import Limit, Tenant
from tests.analytics.batches import job_of, seen
from tests.analytics.booking import ledger
from tests.analytics.money import ANSWER, asking, budget, counter, held, outcome, paid, priced, setting
from tests.conftest import Cast
from tests.fake_provider import FakeProvider
from tests.fake_provider.fixture import fake_provider

__all__ = ["fake_provider"]
pytestmark = pytest.mark.django_db(transaction=True)
PACED = "fake-20t-5ms"


async def test_after_a_hundred_stops_in_the_middle_nothing_is_held_and_each_is_paid(
    cast: Cast, fake_provider: FakeProvider
) -> None:
    """T43."""
    (company,) = await setting((cast.acme.id, "1000"), model=PACED, input=Decimal(100))
    chance = random.Random(43)

    async def stopped_at(piece: int) -> None:
        async with aclosing(llm.stream(asking(cast.acme.id))) as events:
            async for event in events:
                piece -= type(event) is llm.Delta
                if not piece:
                    return

    with paid(fake_provider, PACED):
        gate = asyncio.Semaphore(25)

        async def one() -> None:
            async with gate:
                await stopped_at(chance.randrange(1, 19))

        await asyncio.gather(*[one() for _ in range(100)])
    rows = await in_db(ledger, cast.acme.id)
    assert len(rows) == len(fake_provider.requests) == 100
    sent = {f"req_fake_{entry.number}": entry for entry in fake_provider.requests}
    for row in rows:
        entry = sent.pop(row.request_id)
        assert (row.error_kind, row.estimated, row.prompt_tokens) == ("cancelled", True, entry.prompt)
        assert row.completion_tokens
        assert 0 < row.completion_tokens <= entry.tokens
    assert await sync_to_async(held)() == (0, 0)
    assert (await sync_to_async(counter)(company)).spent == sum(row.cost or Decimal(0) for row in rows)


class Verdict(BaseModel):
    good: bool


async def _api(cast: Cast, where: str, body: dict[str, Any]) -> None:
    client = AsyncClient()
    await client.aforce_login(cast.bob)
    response = await client.post(f"/api/v1/llm/{where}", json.dumps(body), content_type="application/json")
    if response.streaming:
        said = b"".join([part async for part in response.streaming_content]).decode()  # type: ignore[attr-defined]
    else:
        said = response.content.decode()
    assert "budget_exceeded" in said, said


async def _in_a_batch(cast: Cast) -> None:
    job = await job_of(cast, 2)
    await run(cast.acme.id, job)
    assert [item["error_code"] for item in (await seen(cast, job))["items"]] == ["budget_exceeded"] * 2


async def _refused(work: Awaitable[object]) -> None:
    with pytest.raises(LLMError) as refused:
        await work
    assert refused.value.kind == "budget"


DOORS: dict[str, Callable[[Cast], Awaitable[None]]] = {
    "a whole answer": lambda cast: _refused(llm.complete(asking(cast.acme.id))),
    "a title in the background": lambda cast: _refused(llm.complete(asking(cast.acme.id, task="summarize"))),
    "fields": lambda cast: _refused(llm.extract(asking(cast.acme.id), Verdict)),
    "a synthesis": lambda cast: _refused(llm.synthesize(asking(cast.acme.id), {"CFO": "Yes.", "CTO": "No."})),
    "a list": lambda cast: _refused(llm.batch([asking(cast.acme.id)] * 2)),
    "vectors": lambda cast: _refused(llm.embed(["text"], labels=asking(cast.acme.id).labels, provider="fake/fake-e")),
    "a completion of a program": lambda cast: _api(cast, "completion", {"prompt": "Why?"}),
    "a chat of a program": lambda cast: _api(cast, "chat", {"messages": [{"role": "user", "content": "Why?"}]}),
    "a streamed chat": lambda cast: _api(
        cast, "chat", {"messages": [{"role": "user", "content": "Why?"}], "stream": True}
    ),
    "a batch that a worker answers": _in_a_batch,
}


@pytest.mark.parametrize("door", DOORS)
async def test_no_way_to_a_model_leads_round_the_budget(cast: Cast, fake_provider: FakeProvider, door: str) -> None:
    """T47."""
    await Limit.objects.aupdate(amount=1_000_000)
    await setting((cast.acme.id, "0"))
    await sync_to_async(priced)(model="fake-e", input=Decimal(1))
    with paid(fake_provider):
        await DOORS[door](cast)
    assert fake_provider.requests == []
    assert await sync_to_async(held)() == (0, 0)


async def test_the_platforms_own_trials_pass_the_gate_too(cast: Cast, fake_provider: FakeProvider) -> None:
    """T47: smoke_llm and the pages that try a model."""
    platform = await sync_to_async(lambda: Tenant.objects.get_or_create(slug="csuite", defaults={"name": "csuite"}))()
    await sync_to_async(priced)()
    await sync_to_async(budget)(platform[0].id, "0")
    with paid(fake_provider):
        found = await in_thread(partial(try_model, STANDARD[0], kind="smoke"))
    assert "budget" in found.why
    assert fake_provider.requests == []


async def _broken(call: llm.Call) -> None:
    async with aclosing(llm.stream(call)) as events:
        with contextlib.suppress(LLMError):
            async for _ in events:
                raise AssertionError("nothing was said")


async def test_each_try_of_a_call_is_paid_for_before_it_is_made(cast: Cast, fake_provider: FakeProvider) -> None:
    """T47: a retry for which the tries before it have left too little is not made."""
    model, read = "fake-20t-xfin-0a", Decimal("0.0055")  # what each prompt costs, for it was read
    await sync_to_async(priced)(model, input=Decimal(500))
    with paid(fake_provider, model), conf.override(BREAKER={"failures": 1000}):
        call = asking(cast.acme.id)
        (quoted,) = await quotes(call)
        company = await sync_to_async(budget)(cast.acme.id, str((quoted.most.amount or 0) + read))
        await _broken(call)
    now = await sync_to_async(counter)(company)
    assert len(fake_provider.requests) == 2
    assert (now.spent, now.held) == (2 * read, 0)


@pytest.mark.parametrize("skew", [timedelta(hours=-1), timedelta(hours=1), timedelta(days=40), timedelta(days=-40)])
async def test_a_process_with_a_wrong_clock_gets_no_second_budget(
    cast: Cast, fake_provider: FakeProvider, monkeypatch: pytest.MonkeyPatch, skew: timedelta
) -> None:
    """T47: periods are the database's."""

    class Skewed(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Skewed":
            wrong = datetime.now(UTC) + skew
            return cls.fromtimestamp(wrong.timestamp(), tz)

    await setting((cast.acme.id, str(ANSWER)))
    with paid(fake_provider):
        assert await outcome(asking(cast.acme.id)) == "answered"
        for module in ("csuite.llm.attempt", "csuite.analytics.hold", "csuite.analytics.rows", "csuite.llm.estimating"):
            monkeypatch.setattr(f"{module}.datetime", Skewed)
        assert await outcome(asking(cast.acme.id)) == "budget"
