"""A whole answer; JSON where a schema was sent."""

import orjson

from csuite import llm
from csuite.llm.errors import NotValid
from csuite.llm.structured import unfenced


async def whole(call: llm.Call) -> llm.Reply:
    """Raises LLMError."""
    return await llm.complete(call, None if call.schema is None else _must_be_json)


def _must_be_json(text: str) -> None:
    try:
        orjson.loads(unfenced(text))
    except orjson.JSONDecodeError as error:
        raise NotValid(f"not JSON: {error}") from None
