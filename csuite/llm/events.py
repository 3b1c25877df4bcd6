"""What a call gives back: the events of a stream, and the reply of a call that is not streamed."""

from dataclasses import dataclass
from decimal import Decimal

from csuite.llm.call import ToolCall
from csuite.llm.usage import UNSAID, Usage


@dataclass(frozen=True, slots=True)
class Started:
    """Once, right before the first text: who answers. `note` is for the person (fallback, analyst)."""

    provider: str
    model: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of the answer; never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is whole. finish_reason is the provider's word; `usage` is the ledger's (`estimated` says so),
    `said` is what the provider itself counted. Times in milliseconds."""

    finish_reason: str
    usage: Usage
    cost: Decimal | None
    currency: str
    provider: str
    model: str
    request_id: str
    ttft_ms: int | None
    total_ms: int
    estimated: bool
    note: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    said: Usage = UNSAID


Event = Started | Delta | Finished


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer of a call that was not streamed; the fields of Finished and the text."""

    text: str
    tool_calls: tuple[ToolCall, ...]
    finish_reason: str
    usage: Usage
    cost: Decimal | None
    currency: str
    provider: str
    model: str
    request_id: str
    ttft_ms: int | None
    total_ms: int
    estimated: bool
    note: str | None = None
    said: Usage = UNSAID


@dataclass(frozen=True, slots=True)
class Vectors:
    """Embeddings, one for each text, in their order."""

    vectors: tuple[tuple[float, ...], ...]
    usage: Usage
    cost: Decimal | None
    currency: str
    provider: str
    model: str
    total_ms: int
    estimated: bool
