"""The registry seam: which providers and models answer a call, in their order. settings.LLM["REGISTRY"] names it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol

from csuite.llm import conf, discovery
from csuite.llm.call import Call
from csuite.llm.errors import NoSuchModel, NotConnected
from csuite.llm.providers import table
from csuite.llm.route import Route, route
from csuite.llm.router import (
    ANALYST,
    CHEAPEST_FIRST,
    LOCAL,
    Plan,
    Step,
    embedders,
    fitted,
    healthy_first,
    serving,
    steps,
)
from csuite.llm.tasks import TASKS, Caps, Task, tier_of
from csuite.llm.tokens import most_tokens, prompt_tokens, rough_tokens
from csuite.llm.usage import Usage

__all__ = ["ANALYST", "EnvRegistry", "Registry", "Route", "route"]

COUNTED_APART = 16_000  # bytes of a prompt that may have to be counted, which takes too long for the event loop
SWITCHED_OFF = "models are switched off"


class Registry(Protocol):
    """What csuite.llm needs of a registry. Built once, without arguments; used from any event loop."""

    async def routes(self, call: Call, wanted: str | None, *, streamed: bool = False) -> tuple[Route, ...]:
        """The chain for this call, best first. `wanted` pins it: "analyst", "groq" or "groq/model".

        Raises errors.NotConnected if nobody can answer, TooLong or InvalidRequest if no model can serve the call.
        """


class EnvRegistry:
    """From settings and the environment: the models of the tiers, the primary, the fallback, and the analyst where
    one is named. Without any of them: the first provider with a key, else a local server, else the analyst alone.
    """

    async def plan(self, call: Call) -> Plan:
        """What routing knows now. Raises LLMError if it cannot be known."""
        return from_settings()

    async def routes(self, call: Call, wanted: str | None, *, streamed: bool = False) -> tuple[Route, ...]:
        plan = await self.plan(call)
        if plan.off or wanted == ANALYST:
            chain = _analyst(plan, call)
        elif call.task == "embed":
            chain = [route(plan.providers[step.provider], call, step.model) for step in embedders(plan, wanted)]
        elif wanted:
            chain = [fitted(await _pinned(plan, call, wanted), plan, call, streamed=streamed)]
        else:
            chain = [*await _answering(plan, call, streamed=streamed), *_analyst(plan, call)]
        if not chain:
            raise NotConnected(SWITCHED_OFF if plan.off else "no provider is configured")
        return tuple(chain)


def from_settings() -> Plan:
    """The plan of settings and environment alone."""
    return Plan(
        providers=table(),
        primary=conf.value("PRIMARY"),
        fallback=conf.value("FALLBACK"),
        tiers=conf.value("TIERS"),
        tasks=with_caps(conf.value("CAPS")) if conf.value("CAPS") else TASKS,
        models=conf.value("MODELS"),
        off=not conf.value("ENABLED"),
    )


def with_caps(said: "dict[str, tuple[int | None, int | None]]") -> dict[str, Task]:
    """The tasks, with other caps where LLM["CAPS"] says so: task -> (prompt, completion)."""
    return {name: replace(task, caps=Caps(*said[name])) if name in said else task for name, task in TASKS.items()}


def _analyst(plan: Plan, call: Call) -> list[Route]:
    """It speaks in words of its own and fills in no form."""
    return [route(plan.providers[ANALYST], call)] if ANALYST in plan.providers and call.schema is None else []


async def _answering(plan: Plan, call: Call, *, streamed: bool) -> list[Route]:
    tier = tier_of(call, rough_tokens(call), plan.tasks)
    found = [one for step in steps(plan, tier) for one in await _resolved(plan, call, step)]
    if most_tokens(call) < COUNTED_APART:
        fitting = serving(found, plan, call, streamed=streamed)
    else:
        fitting = await asyncio.to_thread(serving, found, plan, call, streamed=streamed)
    if tier in CHEAPEST_FIRST:
        fitting = await _cheapest_first(fitting, call, frozenset(plan.tiers.get(tier, ())))
    return healthy_first(fitting, plan)


async def _resolved(plan: Plan, call: Call, step: Step) -> list[Route]:
    """The route of a step; none where a local server is looked for and not found. Raises NoSuchModel."""
    if step.provider not in plan.providers:
        raise NoSuchModel(f"no such provider: {step.provider}", provider=step.provider)
    row = plan.providers[step.provider]
    model, base_url = step.model, ""
    if step.provider == LOCAL:
        server = await discovery.local_server(row.address())
        if server is None:
            return []
        model = model or row.setting("MODEL") or row.model or server.model
        base_url = server.base_url
    return [replace(route(row, call, model, base_url), tier=step.tier, step_down=step.step_down)]


async def _pinned(plan: Plan, call: Call, wanted: str) -> Route:
    name, _, model = wanted.partition("/")
    if name not in plan.providers:
        raise NoSuchModel(f"no such provider: {name}", provider=name)
    if name in plan.closed:
        raise NotConnected(f"{name} is switched off", provider=name)
    return route(plan.providers[name], call, model)


async def _cheapest_first(routes: Sequence[Route], call: Call, listed: frozenset[str]) -> list[Route]:
    """The models of the tier by what the call would cost, without a known price last; all others after them."""
    of_tier = [one for one in routes if one.name in listed]
    if len(of_tier) < 2:
        return list(routes)
    costs = {one.name: await _cost(one, call) for one in of_tier}
    by_cost = sorted(of_tier, key=lambda one: (costs[one.name] is None, costs[one.name] or 0))
    return [*by_cost, *(one for one in routes if one.name not in listed)]


async def _cost(one: Route, call: Call) -> Decimal | None:
    usage = Usage(prompt=prompt_tokens(one.model, call), completion=one.max_tokens)
    row = one.provider
    cost = await conf.seam("PRICES").cost(row.name, one.model, usage, datetime.now(UTC), free=row.free)
    amount: Decimal | None = cost.amount
    return amount
