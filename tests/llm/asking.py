"""How the tests of csuite.llm ask: one call, one list of events."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from typing import Any

from csuite import llm
from csuite.llm import conf
from tests.fake_provider import FakeProvider

HELLO = (llm.Message("user", "Why did gross margin fall?"),)


@contextmanager
def primary(
    fake: FakeProvider, model: str = "fake", *, rows: dict[str, Any] | None = None, **fields: Any
) -> Iterator[None]:
    """The fake provider answers, with this model; fields change its row, rows add others."""
    named = {"fake": fake.row(model, **fields), **(rows or {})}
    with conf.override(PRIMARY="fake", PROVIDERS=named):
        yield


class Heard:
    """What came of a stream: text, first and last event, the error."""

    def __init__(self) -> None:
        self.events: list[llm.Event] = []
        self.error: llm.errors.LLMError | None = None

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, llm.Delta))

    @property
    def started(self) -> llm.Started:
        (event,) = [event for event in self.events if isinstance(event, llm.Started)]
        return event

    @property
    def finished(self) -> llm.Finished:
        (event,) = [event for event in self.events if isinstance(event, llm.Finished)]
        return event

    @property
    def kind(self) -> str:
        return self.error.kind if self.error else ""


def question(**fields: Any) -> llm.Call:
    return llm.Call(**{"messages": HELLO, "labels": {"tenant": "t1", "message": "m1"}, "patience": "none", **fields})


async def hear(call: llm.Call | None = None, then: Callable[[llm.Event], Awaitable[None]] | None = None) -> Heard:
    """Reads a stream to its end, good or bad; `then` is awaited with each event."""
    heard = Heard()
    try:
        async with aclosing(llm.stream(call or question())) as events:
            async for event in events:
                heard.events.append(event)
                if then is not None:
                    await then(event)
    except llm.errors.LLMError as error:
        heard.error = error
    return heard


async def together(rows: Mapping[str, dict[str, Any]]) -> dict[str, Heard]:
    """What each of these providers gives to the same question, asked at once: waiting for limits takes its time."""
    with conf.override(PRIMARY=next(iter(rows)), PROVIDERS=dict(rows)):
        heard = await asyncio.gather(*(hear(question(route=name)) for name in rows))
    return dict(zip(rows, heard, strict=True))
