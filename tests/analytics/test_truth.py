"""Thousands of calls that end in every way: the ledger is the providers' journals, and what is shown is the ledger."""

import asyncio
import json
import os
import sys
import uuid
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from django.utils import timezone

from csuite.analytics.models import CostCorrection, LedgerEntry
from csuite.tenants.models import Limit
from csuite.tenants.scope import platform_scope
from tests.analytics import bill
from tests.analytics.mixed_calls import OTHER, PACED, UNCOUNTED, UNPRICED, WHOLE, message_of, way_of
from tests.analytics.money import budget, counter, held, priced
from tests.analytics.reconciling import reconcile
from tests.conftest import Cast
from tests.fake_provider import Answer, FakeProvider, running

pytestmark = pytest.mark.django_db(transaction=True)

PRICES = {  # provider, model -> USD for a million tokens: input, cached input, output
    ("fake", WHOLE): (Decimal(100), Decimal(10), Decimal(1000)),
    ("fake", PACED): (Decimal(50), Decimal(50), Decimal(700)),
    ("fake", UNCOUNTED): (Decimal(30), Decimal(30), Decimal("333.3333")),
    ("other", OTHER): (Decimal(7), Decimal(7), Decimal("0.0001")),
}
WORDS = ["Your", "reve", "nue ", "grew", ", bu", "t co", "sts ", "did."]
CACHED = {"prompt_tokens": 240, "completion_tokens": 8, "prompt_tokens_details": {"cached_tokens": 200}}
FAULTS = ("fin", "errchunk", "errgroq", "cut")
LOOP = int(os.environ.get("LOOP_CALLS", "2000"))  # of the long one; five thousand passed as well


def told_to(number: int) -> Answer | None:
    """What the first provider does to a question, by the way in which it is asked; None: it answers as usual."""
    mark: dict[str, Any] = {"match": f"[q{number}]"}
    way, turn = way_of(number), number // 20
    if way == "fallback":
        return Answer(text="never", fault=("500", "503", "gone", "cut")[turn % 4], after=0, **mark)
    if way == "retried":
        return Answer(fault=("503", "429")[turn % 2], headers={"retry-after": "0.05"} if turn % 2 else {}, **mark)
    if way == "cached":
        return Answer(pieces=WORDS, usage=CACHED, **mark)
    return Answer(pieces=WORDS, fault=FAULTS[turn % 4], after=3, pace_ms=2, **mark) if way == "cut" else None


async def asked(fake: FakeProvider, other: FakeProvider, cast: Cast, calls: int, kills: int) -> list[dict[str, Any]]:
    """Two processes ask; the first provider dies now and then, with all its connections, and comes back."""
    job = {
        "fake": fake.url, "other": other.url, "count": calls, "step": 2, "personas": ["cfo", "cmo", "cto", ""],
        "tenants": [
            {"id": str(cast.acme.id), "users": [str(cast.bob.id), str(cast.alice.id), str(cast.fiona.id)]},
            {"id": str(cast.rival.id), "users": [str(cast.charlie.id)]},
        ],
    }  # fmt: skip
    running = []
    for first in range(2):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.analytics.mixed_calls", env={**os.environ, "DATABASE_POOL": "1"},
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 24,
        )  # fmt: skip
        assert process.stdin
        process.stdin.write(json.dumps({**job, "first": first}).encode() + b"\n")
        running.append(asyncio.create_task(told(process)))
    for kill in range(kills):
        while len(fake.requests) < calls * (kill + 1) // (kills + 1):
            await asyncio.sleep(0.02)
        await fake.stop()
        await fake.start(fake.port)
    return list(await asyncio.gather(*running))


async def told(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout
    found: dict[str, Any] | None = None
    async for line in process.stdout:
        if line.startswith(b"told "):
            found = json.loads(line[5:])
    assert await process.wait() == 0
    assert found is not None
    return found


def stored(tenant: Any = None) -> tuple[list[LedgerEntry], list[CostCorrection]]:
    with platform_scope("test"):
        which = {"tenant": tenant} if tenant else {}
        return list(LedgerEntry.objects.filter(**which)), list(CostCorrection.objects.filter(**which))


def to_the_cent(rows: list[LedgerEntry]) -> None:
    """Each row costs what its tokens cost by the price list, or nothing is known of it."""
    for row in rows:
        prices = PRICES.get((row.provider, row.model))
        if row.prompt_tokens is None:
            assert [row.completion_tokens, row.cost, row.price_version] == [None, 0, "not billed"]
        elif prices is None:
            assert (row.model, row.cost) == (UNPRICED, None)
        else:
            cached = row.cached_tokens or 0
            counts = (row.prompt_tokens - cached, cached, row.completion_tokens or 0)
            cost = sum((count * price for count, price in zip(counts, prices, strict=True)), Decimal(0)) / 1_000_000
            assert row.cost == cost.quantize(Decimal("1E-10")), (row.model, counts)


def same_everywhere(cast: Cast, browser: Client, fineness: list[str]) -> bill.Bill:
    books = bill.Books(*stored(cast.acme))
    today = timezone.now().date()
    period = {"from": (today - timedelta(days=1)).isoformat(), "to": (today + timedelta(days=1)).isoformat()}
    bill.same_on_pages(browser, books)
    assert bill.same_in_reports(browser, books, period, fineness) >= 40 * len(fineness)
    bill.same_in_files(browser, books)
    bill.same_for_people(browser, books, {name: f"{day}T00:00:00Z" for name, day in period.items()})
    bill.same_in_gauges(browser, bill.Books(*stored()))
    return books.bill


def same_in_metrics(told: list[dict[str, Any]], rows: list[LedgerEntry]) -> None:
    def counted(name: str) -> float:
        return float(sum(one["metrics"].get(name, 0.0) for one in told))

    assert counted("csuite_llm_attempts_total") == len(rows)
    assert counted("csuite_llm_unpriced_total") == sum(1 for row in rows if row.cost is None)
    for kind in ("prompt", "completion", "cached"):
        assert counted(f"csuite_llm_tokens_total {kind}") == sum(getattr(row, f"{kind}_tokens") or 0 for row in rows)
    cost = sum((row.cost or Decimal(0) for row in rows), Decimal(0))
    assert counted("csuite_llm_cost_total") == pytest.approx(float(cost), abs=1e-6)
    assert counted("csuite_llm_holds") == 0


def prepared(cast: Cast) -> list[Any]:
    Limit.objects.update(amount=1_000_000)
    for (provider, model), (given, cached, output) in PRICES.items():
        priced(model, provider, input=given, cached_input=cached, output=output)
    soft = {"hard": False}
    return [
        budget(cast.acme.id, "5", **soft),
        budget(cast.acme.id, "2", scope="persona", persona="cfo", **soft),
        budget(cast.acme.id, "1", scope="user", user=cast.bob.id, period="day", **soft),
        budget(cast.rival.id, None, **soft),
    ]


@pytest.mark.parametrize(("calls", "kills"), [(120, 1), pytest.param(LOOP, 5, marks=pytest.mark.long)])
async def test_the_ledger_is_the_journal_and_everything_shown_is_the_ledger(cast: Cast, calls: int, kills: int) -> None:
    budgets = await sync_to_async(prepared)(cast)
    async with running() as fake, running() as other:
        fake.say(*[answer for number in range(calls) if (answer := told_to(number))])
        reports = await asked(fake, other, cast, calls, kills)
        journals = {"fake": [asdict(one) for one in fake.requests], "other": [asdict(one) for one in other.requests]}
    rows, _ = await sync_to_async(stored)()
    marks = {message_of(number): f"[q{number}]" for number in range(calls)}
    shown = {uuid.UUID(message): text for one in reports for message, text in one["shown"].items()}
    compared = reconcile(journals, rows, marks, shown)
    requests = sum(len(one) for one in journals.values())
    to_the_cent(rows)
    same_in_metrics(reports, rows)
    assert {row.message for row in rows} == marks.keys()
    assert await sync_to_async(held)() == (0, 0)
    assert (await sync_to_async(counter)(budgets[3])).spent > 0

    browser = await sync_to_async(cast.client)(cast.fiona)
    fineness = ["", "day", "hour"] if calls > 1000 else ["hour"]
    before = await sync_to_async(same_everywhere)(cast, browser, fineness)
    await sync_to_async(priced)(UNPRICED, input=Decimal(11), output=Decimal(13))
    form = {"month": f"{timezone.now():%Y-%m}", "reason": "The price came late"}
    assert (await sync_to_async(browser.post)("/usage/recalculate/", form)).status_code == 302
    after = await sync_to_async(same_everywhere)(cast, browser, fineness)
    assert (before.unpriced > 0, after.unpriced) == (True, 0)
    assert after.cost > before.cost
    sys.stdout.write(f"{calls} calls, {requests} requests: {dict(compared)}; {before.cost} USD, {after.cost} after\n")
