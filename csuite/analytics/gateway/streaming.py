"""An answer as server-sent events, in the words of `/c-suite/<persona>/chat`: start, chunk, done or error.

Whoever leaves stops the answer: the provider's connection is closed with ours.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import orjson
from django.http import StreamingHttpResponse

from csuite import llm
from csuite.analytics.gateway.answers import about, problem_of
from csuite.llm.errors import LLMError


async def streamed(call: llm.Call) -> StreamingHttpResponse:
    """Waits for the first word, so that what fails before it is a problem with its status. Raises LLMError."""
    events = llm.stream(call)
    try:
        first = await anext(events)
    except BaseException:
        await events.aclose()
        raise
    response = StreamingHttpResponse(_told(first, events), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


def _line(name: str, body: dict[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(body))


async def _told(first: llm.Event, events: AsyncGenerator[llm.Event, None]) -> AsyncIterator[bytes]:
    async with aclosing(events):
        yield _said(first)
        try:
            async for event in events:
                yield _said(event)
        except LLMError as error:
            problem = problem_of(error)
            yield _line("error", {"code": problem.code, "message": problem.message, "retryAfter": problem.retry_after})


def _said(event: llm.Event) -> bytes:
    match event:
        case llm.Started():
            return _line("start", {"provider": event.provider, "model": event.model, "note": event.note})
        case llm.Delta():
            return _line("chunk", {"content": event.text})
        case llm.Finished():
            return _line("done", {"status": "complete", **about(event)})
