"""A whole answer; JSON that fits where a schema was sent."""

from functools import partial
from typing import Any

from csuite import llm
from csuite.llm.structured import fitting


async def whole(call: llm.Call) -> tuple[llm.Reply, Any]:
    """The reply, and its JSON where the call has a schema (else None). Raises LLMError."""
    if call.schema is None:
        return await llm.complete(call), None
    check = partial(fitting, schema=call.schema)
    reply = await llm.complete(call, check)
    return reply, check(reply.text)
