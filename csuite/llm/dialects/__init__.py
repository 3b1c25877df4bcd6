"""How one family of providers is spoken to: one file each, named by dotted path in the provider's row."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from csuite.llm.call import Call, ToolCall
from csuite.llm.registry import Route
from csuite.llm.usage import UNSAID, Usage


@dataclass(slots=True)
class Said:
    """What the provider said beside the text; a dialect fills it while it runs.

    whole: the answer came to its proper end. Without it an answer counts as broken off, whatever its text.
    """

    whole: bool = False
    finish_reason: str | None = None
    usage: Usage = UNSAID
    tool_calls: tuple[ToolCall, ...] = ()
    request_id: str = ""
    billed_cost: Decimal | None = None


class Dialect(Protocol):
    """Built once, without arguments; used from any event loop.

    run: yields the text in pieces, none of them empty, and fills `said`. It ends normally only after the provider
    ended properly (`said.whole`), else raises LLMError. Closing the generator closes the connection.
    """

    def run(self, call: Call, route: Route, said: Said, *, streamed: bool) -> AsyncGenerator[str, None]: ...
