"""What is asked of a model: messages, and the call that carries them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from csuite.llm.hold import Hold

Role = Literal["system", "user", "assistant", "tool"]
Part = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model wants called; `arguments` is JSON text, as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `content` is text, or parts in OpenAI's shape (text, images)."""

    role: Role
    content: str | tuple[Part, ...] = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None

    @property
    def text(self) -> str:
        """The words of the message, without images."""
        if isinstance(self.content, str):
            return self.content
        return "".join(str(part.get("text", "")) for part in self.content if part.get("type") == "text")


@dataclass(frozen=True, slots=True)
class Call:
    """One question to a model.

    labels: plain strings for the ledger (tenant, user, persona, conversation, message, …); they never leave the
    house. facts: what the analyst reads; other dialects ignore it. hold: the reservation it belongs to; without
    one the call reserves for itself. route: "groq" or "groq/model" pins it there. schema: a JSON Schema for the
    answer. headers: sent as given. timeout: total seconds. patience: how long a route that is the only one may be
    tried again: "interactive" where a person waits (3 s), "batch" where nobody does (30 s), "none".
    """

    task: str = "chat"
    messages: tuple[Message, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, object] | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    hold: "Hold | None" = field(default=None, repr=False, compare=False)
    route: str | None = None
    tier: str = ""
    schema: Mapping[str, object] | None = None
    tools: tuple[Mapping[str, object], ...] = ()
    tool_choice: str | Mapping[str, object] | None = None
    headers: Mapping[str, str] | None = field(default=None, repr=False)
    timeout: float | None = None
    patience: Literal["interactive", "batch", "none"] = "interactive"
