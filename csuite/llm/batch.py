"""Many calls at once: a few at a time, under one reservation, each with its answer or its error."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from csuite.llm.asking import complete, reserve
from csuite.llm.attempt import to_the_end
from csuite.llm.call import Call
from csuite.llm.errors import LLMError
from csuite.llm.events import Reply

CONCURRENCY = 5


async def batch(calls: Sequence[Call], concurrency: int = CONCURRENCY) -> list[Reply | LLMError]:
    """What became of each call, in their order; one that fails does not keep the others from their answers.

    Nobody waits for it: a route that is the only one is tried again for up to 30 s.

    Raises BudgetExceeded if all of them together are refused. A cancelled batch cancels what runs and gives back
    the rest of the reservation.
    """
    if not calls:
        return []
    hold = await reserve(calls)
    outcomes: dict[int, Reply | LLMError] = {}
    left = iter(enumerate(replace(call, hold=hold, patience="batch") for call in calls))

    async def work() -> None:
        for place, call in left:
            try:
                outcomes[place] = await complete(call)
            except LLMError as error:
                outcomes[place] = error

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(concurrency, len(calls))):
                group.create_task(work())
    finally:
        await to_the_end(hold.close())
    return [outcomes[place] for place in range(len(calls))]
