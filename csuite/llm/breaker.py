"""The circuit breaker: a provider that fails again and again is not asked for a while, by any process.

More than 5 failures within a minute open its circuit for 5 minutes; then exactly one call, the probe, may find out
whether it is back. While the circuit is open nobody calls it. How each kind of error counts stands in errors.KINDS:

    no    says nothing about the provider
    soft  counts, and opens for a minute only, or for as long as the provider's Retry-After says
    yes   counts
    long  opens at once, for 15 minutes or until another key is there: somebody must act

The numbers are Rule's, changed by settings.LLM["BREAKER"]. The state is LLM["STATE"]; if that is away, each process
goes on with what it knows itself, and no call fails for it.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

from csuite.llm import conf
from csuite.llm.errors import CLASSES, LLMError
from csuite.llm.meter import tell
from csuite.llm.registry import ANALYST, Route
from csuite.llm.state import Circuit, Failure, MemoryState, State

log = logging.getLogger(__name__)
T = TypeVar("T")

WITHOUT = frozenset({ANALYST, "scripted"})  # they call nobody
STATE_SECONDS = 1.0  # how long a call waits for the shared state
AWAY_SECONDS = 5.0  # how long it is then left alone


@dataclass(frozen=True, slots=True)
class Rule:
    """When a circuit opens, and for how many seconds. lease: until a probe that never ends is given up."""

    failures: int = 5
    within: float = 60.0
    open: float = 300.0
    soft: float = 60.0
    long: float = 900.0
    lease: float = 90.0


def rule() -> Rule:
    """The rule in force."""
    return Rule(**conf.value("BREAKER"))


class Shared:
    """The shared state, or this process's own where that is away."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begins anew, for tests."""
        self.own = MemoryState()
        self._away_until = 0.0

    async def ask(self, deed: Callable[[State], Awaitable[T]], own: Callable[[State], Awaitable[T]] | None = None) -> T:
        """What `deed` gives. `own` is done to this process's circuits anyway, for when the shared ones are lost."""
        known = [await own(self.own)] if own else []
        state: State = conf.seam("STATE")
        if monotonic() >= self._away_until:
            try:
                async with asyncio.timeout(STATE_SECONDS):
                    return await deed(state)
            except Exception as error:
                self._away_until = monotonic() + AWAY_SECONDS
                log.warning("the shared state of circuits is away (%s): each process goes by its own", error)
        return known[0] if known else await deed(self.own)


shared = Shared()


class Pass:
    """Leave to make one call. It is settled once, whatever became of the call."""

    __slots__ = ("_impatient", "_route", "_token")

    def __init__(self, route: Route, token: str | None = None, *, impatient: bool = False) -> None:
        self._route, self._token, self._impatient = route, token, impatient

    async def settle(self, error: BaseException | None) -> None:
        """Tells the circuit. `error`: None for a whole answer; what is no LLMError (a cancellation) says nothing."""
        name = self._route.provider.name
        if name in WITHOUT:
            return
        if isinstance(error, LLMError) and error.record.breaker != "no" and not self._self_made(error):
            await self._failed(name, error)
        elif self._token is None:
            return
        elif error is None or (isinstance(error, LLMError) and not self._self_made(error)):
            if await close(name, self._token):
                await tell("breaker_closed", provider=name, model=self._route.model)
        else:
            token = self._token
            await shared.ask(lambda state: state.released(name, token))

    def _self_made(self, error: LLMError) -> bool:
        """A call with a deadline of its own that was too short says nothing about the provider."""
        return self._impatient and error.kind == "timeout"

    async def _failed(self, name: str, error: LLMError) -> None:
        failure, token = failure_of(error, self._route), self._token

        def count(state: State) -> Awaitable[bool]:
            return state.failed(name, failure, token)

        opened = await shared.ask(count, own=count)
        if opened:
            log.warning("%s is not asked for %.0f s: %s", name, failure.seconds, error.kind)
            await tell(
                "breaker_open",
                provider=name,
                model=self._route.model,
                kind=error.kind,
                tenant=error.tenant,
                seconds=failure.seconds,
                alert=error.record.alert,
            )


def failure_of(error: LLMError, route: Route) -> Failure:
    """How this error counts, by the rule in force."""
    now, weight = rule(), error.record.breaker
    seconds = now.open
    if weight == "long":
        seconds = now.long
    elif weight == "soft":
        seconds = min(max(now.soft, error.retry_after or 0.0), max(now.open, now.soft))
    mark = mark_of(route) if weight == "long" else ""
    return Failure(error.kind, seconds, now.failures, now.within, weight == "long", mark)


async def admit(route: Route, *, timeout: float | None = None) -> Pass:
    """Leave to call the route's provider; `timeout` is the call's own, in seconds.

    Raises the kind of error that opened the circuit, while it is open.
    """
    name = route.provider.name
    leave = Pass(route, impatient=timeout is not None)
    if name in WITHOUT:
        return leave
    circuit = (await standing()).get(name)
    if circuit is None:
        return leave
    if circuit.mark and circuit.mark != mark_of(route):
        await reset(name)  # another key is there
        return leave
    if circuit.left <= 0 and not circuit.probing:
        lease = rule().lease
        token = await shared.ask(lambda state: state.probe(name, lease))
        if token is not None:
            await tell("breaker_probe", provider=name, model=route.model)
            return Pass(route, token, impatient=timeout is not None)
    raise refusal(circuit, route)


def refusal(circuit: Circuit, route: Route) -> LLMError:
    """What a caller gets instead of a call."""
    return CLASSES[circuit.kind](
        "not asked, its circuit is open",
        provider=route.provider.name,
        model=route.model,
        retry_after=circuit.left or None,
        retryable=False,
    )


async def standing() -> Mapping[str, Circuit]:
    """The circuits that are not closed, by provider; for health pages, too."""
    return await shared.ask(lambda state: state.circuits())


async def is_open(route: Route) -> bool:
    """Whether the route's provider would not be asked now."""
    return route.provider.name not in WITHOUT and route.provider.name in await standing()


async def close(provider: str, token: str | None = None) -> bool:
    """Closes a circuit, after a probe or by hand; whether it was open."""
    return await shared.ask(lambda state: state.closed(provider, token), own=lambda own: own.closed(provider, None))


async def reset(provider: str) -> bool:
    """Closes a circuit by hand: the provider is asked again at once. Whether it was open."""
    was_open = await close(provider)
    if was_open:
        await tell("breaker_closed", provider=provider, by="hand")
    return was_open


def mark_of(route: Route) -> str:
    """Tells one key from another, and tells nothing about it."""
    try:
        key = route.provider.key()
    except LLMError:
        return "unreadable"
    return hashlib.sha256(key.reveal().encode()).hexdigest()[:8] if key else "none"
