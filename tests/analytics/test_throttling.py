"""A provider's refusals shrink the limit of questions for everybody, in every process, and it comes back."""

import asyncio
import subprocess
import sys
from typing import Any

import pytest
from django.core.cache import cache

from csuite.analytics.events.throttled import FLOOR
from csuite.analytics.meter import LedgerMeter
from csuite.llm import conf
from csuite.providers.pacing import CachePace
from csuite.tenants import limits
from csuite.tenants.models import Limit
from csuite.tenants.problems import Problem
from tests.conftest import Cast
from tests.webprocess import ROOT, WebProcess

pytestmark = pytest.mark.django_db(transaction=True)
FACTS: dict[str, Any] = {"provider": "groq", "model": "llama", "retry_after": 3.0, "tenant": "t"}


def again() -> None:
    cache.delete("throttled:chat")
    asyncio.run(LedgerMeter().event("rate_limit", **FACTS))


def chat(cast: Cast) -> int:
    return limits.rates(["chat"], cast.acme)["chat"].amount


def test_each_refusal_halves_down_to_a_floor_and_a_burst_is_one(cast: Cast) -> None:
    asyncio.run(LedgerMeter().event("rate_limit", **FACTS))
    asyncio.run(LedgerMeter().event("rate_limit", **FACTS))
    assert chat(cast) == 5
    again()
    again()
    again()
    assert limits.factor("chat") == FLOOR
    assert chat(cast) == 2


def test_every_plan_shrinks_from_its_own_amount(cast: Cast) -> None:
    Limit.objects.create(name="chat", plan="enterprise", amount=100, seconds=60)
    cast.rival.plan = "enterprise"
    cast.rival.save()
    again()
    assert chat(cast) == 5
    assert limits.rates(["chat"], cast.rival)["chat"].amount == 50
    for _ in range(5):
        limits.take_chat(cast.member(cast.bob))
    with pytest.raises(Problem) as refused:
        limits.take_chat(cast.member(cast.bob))
    assert refused.value.headers["RateLimit-Limit"] == "5"
    assert "try again in" in refused.value.message


def test_other_processes_see_it(cast: Cast) -> None:
    again()
    script = (
        "import django; django.setup()\n"
        "from csuite.tenants import limits; print(limits.rates(['chat'], None)['chat'].amount)"
    )
    environment = {**WebProcess("http://127.0.0.1:9", "fake").environment, "DJANGO_SETTINGS_MODULE": "csuite.settings"}
    out = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert out.stdout.split()[-1:] == ["5"], out.stderr


async def test_requests_to_a_provider_are_counted_for_all_processes() -> None:
    rates = {60: 5, 86_400: 8}
    first, second = CachePace(), CachePace()
    taken = await asyncio.gather(*(pace.take("groq", rates) for pace in (first, second) for _ in range(5)))
    assert sum(wait is None for wait in taken) in (5, 8)  # 8 where a minute ended in between
    assert all(0 < wait <= 60 for wait in taken if wait is not None)


async def test_without_a_cache_the_provider_counts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> None:
        raise OSError("away")

    monkeypatch.setattr(CachePace, "_take", broken)
    assert await CachePace().take("groq", {60: 0}) is None


def test_the_product_counts_in_its_cache() -> None:
    assert isinstance(conf.seam("PACE"), CachePace)
