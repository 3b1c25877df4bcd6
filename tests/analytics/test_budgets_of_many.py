"""Many calls at once, over two processes: no budget is overrun, none refuses what it could pay."""

import asyncio
import json
import os
import sys
import urllib.request
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from tests.analytics.money import ANSWER, TOKENS, budget, counter, held, priced
from tests.fake_provider import running_apart

pytestmark = pytest.mark.django_db(transaction=True)
MODEL = f"fake-{TOKENS}t"


async def asked(jobs: list[dict[str, Any]]) -> Counter[str]:
    """Each job in a process of its own, all begun at one moment; the outcomes together."""
    running = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.analytics.asking_apart",
            env={**os.environ, "DATABASE_POOL": "1"},  # as web processes run
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )
        for _ in jobs
    ]  # fmt: skip
    for process, job in zip(running, jobs, strict=True):
        assert process.stdin
        process.stdin.write(json.dumps(job).encode() + b"\n")
    for process in running:
        await told(process, "ready")
    for process in running:
        assert process.stdin
        process.stdin.write(b"\n")
    said = [json.loads(await told(process, "outcomes ")) for process in running]
    for process in running:
        assert await process.wait() == 0
    return sum((Counter(one) for one in said), Counter[str]())


async def told(process: asyncio.subprocess.Process, start: str) -> str:
    """The rest of the first line that begins so; logs stand between."""
    assert process.stdout
    async for line in process.stdout:
        if line.decode().startswith(start):
            return line.decode()[len(start) :]
    raise AssertionError("the process ended early")


def journal(provider: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(provider.removesuffix("/v1") + "/journal") as reply:
        found: list[dict[str, Any]] = json.load(reply)
    return found


async def test_of_200_calls_over_two_processes_exactly_as_many_reach_the_provider_as_the_budget_pays(cast: Any) -> None:
    await sync_to_async(priced)()
    company = await sync_to_async(budget)(cast.acme.id, str(10 * ANSWER))
    with running_apart() as provider:
        job = {"provider": provider, "model": MODEL, "tenant": str(cast.acme.id), "count": 100}
        outcomes = await asked([{**job, "users": [str(cast.bob.id)], "personas": ["cfo"]}] * 2)
        entries = await asyncio.to_thread(journal, provider)
    assert outcomes == {"answered": 10, "budget": 190}
    assert len(entries) == 10
    now = await sync_to_async(counter)(company)
    assert (now.spent, now.held) == (10 * ANSWER, 0)
    assert await sync_to_async(held)() == (0, 0)


async def test_budgets_of_three_levels_hold_at_once_and_refuse_nothing_falsely(cast: Any) -> None:
    """Bob asks the CFO, Alice the CMO. The CFO's and Alice's limits are met; the company's and Bob's are not."""
    await sync_to_async(priced)()
    company = await sync_to_async(budget)(cast.acme.id, str(1000 * ANSWER))
    cfo = await sync_to_async(budget)(cast.acme.id, str(60 * ANSWER), scope="persona", persona="cfo")
    bob = await sync_to_async(budget)(cast.acme.id, str(200 * ANSWER), scope="user", user=cast.bob.id)
    alice = await sync_to_async(budget)(cast.acme.id, str(90 * ANSWER), scope="user", user=cast.alice.id)
    with running_apart() as provider:
        job = {
            "provider": provider,
            "model": MODEL,
            "tenant": str(cast.acme.id),
            "count": 250,
            "personas": ["cfo", "cmo"],
        }
        outcomes = await asked([{**job, "users": [str(cast.bob.id), str(cast.alice.id)]}] * 2)
        entries = await asyncio.to_thread(journal, provider)
    assert outcomes == {"answered": 150, "budget": 350}
    assert len(entries) == 150
    spent = {name: (await sync_to_async(counter)(one)).spent for name, one in
             {"company": company, "cfo": cfo, "bob": bob, "alice": alice}.items()}  # fmt: skip
    assert {name: amount / ANSWER for name, amount in spent.items()} == {
        "company": Decimal(150), "cfo": Decimal(60), "bob": Decimal(60), "alice": Decimal(90),
    }  # fmt: skip
    assert await sync_to_async(held)() == (0, 0)
