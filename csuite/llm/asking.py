"""Asks a model: the chain of routes from the reservation to the last event.

Another route is tried only while nobody has seen a word: after the first visible token nothing is written again.
"""

import logging
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

from csuite.llm import conf
from csuite.llm.attempt import Trial, to_the_end
from csuite.llm.call import Call
from csuite.llm.errors import LLMError, RateLimited
from csuite.llm.events import Delta, Event, Finished, Reply, Started
from csuite.llm.hold import Hold
from csuite.llm.pacing import admit
from csuite.llm.registry import ANALYST, Route

log = logging.getLogger(__name__)

Check = Callable[[str], object]
BY_RULE = "the built-in analyst answered from your metrics by rule."


def stream(call: Call) -> AsyncGenerator[Event, None]:
    """Started, the Deltas, Finished. Raises LLMError; read it under aclosing."""
    return events(call, streamed=True)


async def complete(call: Call, check: Check | None = None) -> Reply:
    """The whole answer at once. `check` sees its text and may raise errors.NotValid. Raises LLMError."""
    parts: list[str] = []
    async with aclosing(events(call, streamed=False, check=check)) as answer:
        async for event in answer:
            if type(event) is Delta:
                parts.append(event.text)
            elif type(event) is Finished:
                last = event
    return reply("".join(parts), last)


async def reserve(calls: Sequence[Call]) -> Hold:
    """A hold for all of these calls, by the one meter. Close it always. Raises errors.BudgetExceeded."""
    hold: Hold = await conf.seam("METER").reserve(calls)
    return hold


async def events(call: Call, *, streamed: bool, check: Check | None = None) -> AsyncGenerator[Event, None]:
    """The events of one call, over as many routes as it takes."""
    async with _held(call) as hold:
        rest = deque(await _routes(call, hold))
        failures: list[tuple[Route, LLMError]] = []
        number = 0
        while rest:
            number += 1
            route = rest.popleft()
            try:
                await admit(route)
            except RateLimited as full:
                failures.append((route, full))
                if not rest:
                    raise _outcome(failures, seen=False) from None
                continue
            trial = Trial(call, route, hold, number, note(route, failures), streamed=streamed)
            parts = trial.parts
            try:
                async with trial, aclosing(trial.run()) as texts:
                    async for text in texts:
                        if not parts:
                            trial.first()
                            yield Started(route.provider.name, route.model, trial.note)
                        parts.append(text)
                        yield Delta(text)
                    trial.check_whole()
                    if check is not None:
                        _check(trial, check)
            except LLMError as error:
                failures.append((route, error))
                again = _again(error, route, failures)
                if parts or not (again or onward(error, rest)):
                    raise _outcome(failures, seen=bool(parts)) from None
                if again:
                    rest.appendleft(route)
                await _tell_meter("fallback", route, error, again=again)
                continue
            yield finished(trial)
            return


@asynccontextmanager
async def _held(call: Call) -> AsyncIterator[Hold]:
    """The call's own hold, or one of its own that is closed after it."""
    if call.hold is not None:
        yield call.hold
        return
    hold = await reserve([call])
    try:
        yield hold
    finally:
        await to_the_end(hold.close())


async def _routes(call: Call, hold: Hold) -> tuple[Route, ...]:
    if hold.route and hold.route != ANALYST:  # a step-down to a cheaper tier
        call = replace(call, tier=hold.route)
    wanted = ANALYST if hold.route == ANALYST else call.route
    routes: tuple[Route, ...] = await conf.seam("REGISTRY").routes(call, wanted)
    return routes


def _again(error: LLMError, route: Route, failures: Sequence[tuple[Route, LLMError]]) -> bool:
    """Whether to open the same route once more: after a connection that failed, the first time (often a kept one)."""
    return error.kind == "connection" and sum(failed is route for failed, _ in failures) == 1


def onward(error: LLMError, rest: Sequence[Route]) -> bool:
    """Whether the next route may help."""
    return bool(rest) and error.record.fallback == "next"


def _outcome(failures: Sequence[tuple[Route, LLMError]], *, seen: bool) -> LLMError:
    """What the caller gets: what broke off, else the first failure (those of the stand-ins say less)."""
    error = failures[-1 if seen else 0][1]
    error.tried = tuple(dict.fromkeys(route.provider.name for route, _ in failures))
    return error


async def _tell_meter(name: str, route: Route, error: LLMError, **facts: object) -> None:
    try:
        await conf.seam("METER").event(
            name, provider=route.provider.name, model=route.model, kind=error.kind, tenant=error.tenant, **facts
        )
    except Exception:
        log.exception("the meter did not take the event %s", name)


def note(route: Route, failures: Sequence[tuple[Route, LLMError]]) -> str | None:
    """What the person should know about who answers."""
    blamed = next(((r, e) for r, e in failures if r.provider is not route.provider), None)
    why = f"{blamed[0].provider.title} {blamed[1].record.reason}, so " if blamed else ""
    if route.provider.name == ANALYST:
        by_rule = why + BY_RULE
        return f"No language model was used. {by_rule[0].upper()}{by_rule[1:]}"
    if not blamed:
        return None
    model = route.model.rpartition("/")[2] or "another model"
    return f"{why}{model} on {route.provider.title} wrote this."


def _check(trial: Trial, check: Check) -> None:
    trial.json_valid = False
    check(trial.text())
    trial.json_valid = True


def finished(trial: Trial) -> Finished:
    """The last event, from what was booked."""
    row = trial.row
    assert row is not None
    return Finished(
        finish_reason=row.finish_reason,
        usage=row.usage,
        cost=row.cost,
        currency=row.currency,
        provider=row.provider,
        model=row.model,
        request_id=row.request_id,
        ttft_ms=row.ttft_ms,
        total_ms=row.total_ms or 0,
        estimated=row.usage.estimated,
        note=trial.note,
        tool_calls=trial.said.tool_calls,
        said=trial.said.usage,
    )


def reply(text: str, last: Finished) -> Reply:
    """The events of a call that was not streamed as one value."""
    return Reply(
        text=text,
        tool_calls=last.tool_calls,
        finish_reason=last.finish_reason,
        usage=last.usage,
        cost=last.cost,
        currency=last.currency,
        provider=last.provider,
        model=last.model,
        request_id=last.request_id,
        ttft_ms=None,
        total_ms=last.total_ms,
        estimated=last.estimated,
        note=last.note,
        said=last.said,
    )
