"""The walk along the routes of one call: who is asked next, and when the same one is asked again."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from csuite.llm import breaker, pacing
from csuite.llm.attempt import Trial, to_the_end
from csuite.llm.call import Call
from csuite.llm.errors import BudgetExceeded, LLMError, Unpriced
from csuite.llm.estimating import prompt_tokens
from csuite.llm.hold import Hold
from csuite.llm.meter import tell
from csuite.llm.registry import ANALYST, Route
from csuite.llm.retrying import wait_before_again

BY_RULE = "the built-in analyst answered from your metrics by rule."


@dataclass(frozen=True, slots=True)
class Failed:
    """A route that gave no answer: asked in vain, or not asked (`attempted`)."""

    route: Route
    error: LLMError
    attempted: bool = True


class Chain:
    """`next` gives the attempt to make, `failed` takes in how it failed; both raise what the caller gets at the end."""

    def __init__(self, call: Call, hold: Hold, routes: Sequence[Route]) -> None:
        self.call, self.hold = call, hold
        self.rest = deque(routes)
        self.failures: list[Failed] = []
        self._best = routes[0]
        self._number = 0
        self._begun = monotonic()

    async def next(self, *, streamed: bool) -> Trial:
        """The next attempt, paid for and allowed by the provider's circuit and rate. Raises LLMError."""
        while self.rest:
            route = self.rest.popleft()
            try:
                leave = await self._leave(route)
            except LLMError as error:
                self._keep(route, error, attempted=False)
                if isinstance(error, BudgetExceeded) and not isinstance(error, Unpriced):
                    raise self._outcome() from None
                continue
            self._number += 1
            return Trial(
                self.call,
                route,
                self.hold,
                self._number,
                note(route, self.failures, smaller=self.smaller(route), saving=bool(self.hold.route)),
                streamed=streamed,
                fallback=route is not self._best,
                leave=leave,
            )
        raise self._outcome()

    def smaller(self, route: Route) -> bool:
        """Whether this is a smaller model than the call asks for."""
        return route.step_down or (bool(self.hold.route) and ANALYST not in (self.hold.route, route.provider.name))

    async def failed(self, trial: Trial, error: LLMError) -> None:
        """Returns when the next attempt may be made. Raises LLMError if none may, or if words were already shown."""
        route = trial.route
        self._keep(route, error)
        await self._tell(route, error)
        if trial.parts:
            raise self._outcome(seen=True) from None
        wait = await self._wait(route, error)
        if wait is not None:
            self.rest.appendleft(route)
            await self._event("retry", route, error, wait=wait)
            await asyncio.sleep(wait)  # holds nothing: no connection, no transaction
            return
        self.rest = deque([other for other in self.rest if await self._may_help(other, route, error)])
        if not self.rest:
            raise self._outcome() from None
        await self._event("fallback", route, error, to=self.rest[0].provider.name)

    async def _leave(self, route: Route) -> breaker.Pass:
        leave = await breaker.admit(route, timeout=self.call.timeout)
        try:
            await pacing.admit(route)
            await self.hold.cover(self.call, route, number=self._number + 1, fallback=route is not self._best)
        except BaseException:
            await to_the_end(leave.settle(asyncio.CancelledError()))
            raise
        return leave

    async def _wait(self, route: Route, error: LLMError) -> float | None:
        return wait_before_again(
            error,
            self.call.patience,
            failed=sum(failed.route is route and failed.attempted for failed in self.failures),
            since=monotonic() - self._begun,
            fallback_at_hand=await self._fallback_at_hand(error),
        )

    async def _fallback_at_hand(self, error: LLMError) -> bool:
        """The analyst is none: a model that answers after a second is worth more to the person."""
        if error.record.retry == "never":
            return True
        for route in self.rest:
            if route.provider.name != ANALYST and not await breaker.is_open(route):
                return True
        return False

    async def _may_help(self, other: Route, failed: Route, error: LLMError) -> bool:
        if error.record.fallback == "larger":
            return await self._holds_more(other, failed)
        return error.record.fallback == "next"

    async def _holds_more(self, other: Route, failed: Route) -> bool:
        """A window that is known to be larger, and large enough by our count; nothing is tried on chance."""
        if other.window is None or (failed.window is not None and other.window <= failed.window):
            return False
        return await prompt_tokens(other.model, self.call) + other.max_tokens <= other.window

    def _keep(self, route: Route, error: LLMError, *, attempted: bool = True) -> None:
        error.tenant = self.call.labels.get("tenant", "")
        error.attempt = self._number
        self.failures.append(Failed(route, error, attempted))

    def _outcome(self, *, seen: bool = False) -> LLMError:
        """What the caller gets: what broke off, else the first failure (those of the stand-ins say less)."""
        error = self.failures[-1 if seen else 0].error
        error.tried = tuple(dict.fromkeys(failed.route.provider.name for failed in self.failures))
        return error

    async def _tell(self, route: Route, error: LLMError) -> None:
        if error.kind == "rate_limit" and error.record.breaker != "no":
            await self._event("rate_limit", route, error, retry_after=error.retry_after)
        elif error.record.alert and error.record.breaker == "no":  # the others alert by opening the circuit
            await self._event("unhealthy", route, error, alert=True)

    async def _event(self, name: str, route: Route, error: LLMError, **facts: object) -> None:
        await tell(name, provider=route.provider.name, model=route.model, kind=error.kind, tenant=error.tenant, **facts)


def note(route: Route, failures: Sequence[Failed], *, smaller: bool = False, saving: bool = False) -> str | None:
    """What the person should know about who answers. saving: the budget asked for a smaller model."""
    blamed = next((f for f in failures if f.route.provider is not route.provider or f.route.model != route.model), None)
    why = f"{blamed.route.provider.title} {blamed.error.record.reason}, so " if blamed else ""
    if route.provider.name == ANALYST:
        by_rule = why + BY_RULE
        return f"No language model was used. {by_rule[0].upper()}{by_rule[1:]}"
    model = route.model.rpartition("/")[2] or "another model"
    if smaller:
        why = why or ("To stay within the budget, " if saving else "")
        sentence = f"{why}a smaller model, {model} on {route.provider.title}, wrote this."
        return sentence[0].upper() + sentence[1:]
    return f"{why}{model} on {route.provider.title} wrote this." if blamed else None
