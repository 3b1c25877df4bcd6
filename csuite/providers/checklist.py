"""What `check_llm` finds: keys, addresses, models, prices, cache, limits, circuits, the release."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeVar

from django.conf import settings
from django.core.cache import cache

from csuite.llm import breaker, conf
from csuite.llm.call import Call
from csuite.llm.errors import LLMError
from csuite.llm.prices import Cost
from csuite.llm.providers import table
from csuite.llm.registry import ANALYST, Route, from_settings
from csuite.llm.state import Circuit
from csuite.llm.tasks import TIERS
from csuite.llm.usage import Usage
from csuite.providers import keyring, standing
from csuite.providers.catalogue import current, planned
from csuite.providers.models import ProviderHealth, ProviderSetting
from csuite.providers.releases import current_release
from csuite.tenants.models import Limit

State = Literal["ok", "note", "problem"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. A note is worth knowing; a problem makes the command fail."""

    state: State
    subject: str
    text: str


def findings() -> Iterator[Finding]:
    """All that this package knows."""
    rows, off = current("")
    plan = planned(from_settings(), rows, off=off)
    if plan.off:
        yield Finding("note", "switch", "the kill switch is on: the analyst answers everything")
    release = current_release()
    yield Finding("ok", "release", str(release) if release else "none; settings and environment decide")
    yield from _keys()
    yield from _addresses()
    yield from _models()
    yield from _health()
    yield from _circuits()
    yield from _stores()


def _keys() -> Iterator[Finding]:
    for name in keyring.names():
        found = keyring.age(name)
        if found is not None:
            state: State = "problem" if found.unreadable else "note" if found.is_old else "ok"
            yield Finding(state, "key", f"{name}: {found}")


def _addresses() -> Iterator[Finding]:
    for row in ProviderSetting.objects.exclude(base_url=""):
        text = standing.address(row)
        yield Finding("note" if "not asked" in text else "ok", "address", f"{row.name}: {text}")


def _models() -> Iterator[Finding]:
    """Who would answer in each tier, and whether the price is known."""
    for tier in TIERS:
        try:
            routes = routes_of(Call(tier=tier))
        except LLMError as error:
            yield Finding("problem", "models", f"{tier}: {error}")
            continue
        yield Finding("ok", "models", f"{tier}: {', then '.join(_shown(route) for route in routes)}")
        for route in routes:
            if cost_of(route).amount is None:
                yield Finding("problem", "price", f"{route.name}: not known; enter it in the admin")


def _shown(route: Route) -> str:
    window = f" ({route.window:,} tokens)" if route.window else ""
    return ("the analyst" if route.provider.name == ANALYST else route.name) + window


def routes_of(call: Call) -> tuple[Route, ...]:
    """The chain of a call, as the product would take it. Raises LLMError."""
    found: tuple[Route, ...] = _run(lambda: conf.seam("REGISTRY").routes(call, call.route))
    return found


def cost_of(route: Route) -> Cost:
    usage = Usage(prompt=1000, completion=1000)
    row = route.provider
    cost: Cost = _run(lambda: conf.seam("PRICES").cost(row.name, route.model, usage, datetime.now(UTC), free=row.free))
    return cost


def _run(ask: Callable[[], Awaitable[T]]) -> T:
    async def awaited() -> T:
        return await ask()

    return asyncio.run(awaited())


def _health() -> Iterator[Finding]:
    for row in ProviderHealth.objects.all():
        yield Finding("ok" if row.ok else "problem", "health", f"{row.provider}: {standing.health(row.provider)}")


def _circuits() -> Iterator[Finding]:
    circuits: dict[str, Circuit] = dict(_run(breaker.standing))
    for name, circuit in circuits.items():
        yield Finding("problem", "circuit", f"{name}: open after {circuit.kind}, for {circuit.left:.0f} s more")
    if not circuits:
        yield Finding("ok", "circuit", "all closed")


def _stores() -> Iterator[Finding]:
    """The cache holds, and there are limits."""
    cache.set("check_llm", "there", 10)
    kept = cache.get("check_llm") == "there"
    yield Finding("ok" if kept else "problem", "cache", "holds" if kept else "does not hold what is put into it")
    limits = [f"{row.name} {row.amount}/{row.seconds} s" for row in Limit.objects.filter(plan="", tenant=None)]
    yield Finding("ok" if limits else "problem", "limits", ", ".join(limits) or "there are none")
    for name, row in table().items():
        if row.rate_limit_rpm:
            yield Finding("ok", "limits", f"{name}: {row.rate_limit_rpm} requests a minute")
    if not settings.LLM.get("METER"):
        yield Finding("problem", "meter", "no meter is named: calls are not booked")
