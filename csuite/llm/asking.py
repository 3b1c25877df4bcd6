"""Asks a model: the chain of routes from the reservation to the last event.

Another attempt is made only while nobody has seen a word: after the first visible token nothing is written again.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager

from csuite.llm import conf
from csuite.llm.attempt import Trial, to_the_end
from csuite.llm.call import Call
from csuite.llm.chain import Chain
from csuite.llm.errors import LLMError
from csuite.llm.estimating import chain as routes_of
from csuite.llm.events import Delta, Event, Finished, Reply, Started
from csuite.llm.hold import Hold
from csuite.llm.meter import tell

Check = Callable[[str], object]


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
        chain = Chain(call, hold, await routes_of(call, hold.route, streamed=streamed))
        while True:
            trial = await chain.next(streamed=streamed)
            parts = trial.parts
            try:
                async with trial, aclosing(trial.run()) as texts:
                    async for text in texts:
                        if not parts:
                            trial.first()
                            await _announce(chain, trial)
                            yield Started(trial.route.provider.name, trial.route.model, trial.note)
                        parts.append(text)
                        yield Delta(text)
                    trial.check_whole()
                    if check is not None:
                        _check(trial, check)
            except LLMError as error:
                await chain.failed(trial, error)
                continue
            yield finished(trial)
            return


async def _announce(chain: Chain, trial: Trial) -> None:
    """A smaller model than was asked for answers: the note says so to the person, the event to whoever counts."""
    route = trial.route
    if chain.smaller(route):
        tenant = trial.call.labels.get("tenant", "")
        await tell("step_down", provider=route.provider.name, model=route.model, tier=route.tier, tenant=tenant)


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
