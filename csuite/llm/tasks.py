"""The tasks that models are asked for: which tier each goes to, and the most it may send and be sent, as data.

Tiers, best first: premium (reasoning), standard (chat, summaries), bulk (batches).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from csuite.llm.call import Call

TIERS = ("premium", "standard", "bulk")
LONG_PROMPT = 6_000  # estimated tokens of a prompt from which a task counts as complex


@dataclass(frozen=True, slots=True)
class Caps:
    """The most tokens of a prompt and of an answer; None is no cap."""

    prompt: int | None = None
    completion: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of question. complex: the tier of its complex calls."""

    tier: str
    complex: str
    caps: Caps


TASKS: Mapping[str, Task] = {
    "chat": Task("standard", "standard", Caps(100_000, 8_192)),
    "summarize": Task("standard", "standard", Caps(120_000, 4_096)),
    "extract": Task("bulk", "standard", Caps(60_000, 8_192)),
    "synthesize": Task("premium", "premium", Caps(100_000, 8_192)),
    "validate": Task("bulk", "standard", Caps(60_000, 2_048)),
    "classify": Task("bulk", "bulk", Caps(30_000, 1_024)),
    "draft": Task("standard", "premium", Caps(100_000, 8_192)),
    "predict": Task("standard", "premium", Caps(60_000, 4_096)),
    "evaluate": Task("premium", "premium", Caps(100_000, 4_096)),
    "embed": Task("bulk", "bulk", Caps(300_000, None)),
}
OTHER = Task("standard", "standard", Caps())


def is_complex(call: Call, prompt: int) -> bool:
    """The stated rule: a long prompt (estimated tokens), or tools whose answers must be fitted to a schema."""
    return prompt >= LONG_PROMPT or (bool(call.tools) and call.schema is not None)


def tier_of(call: Call, prompt: int, tasks: Mapping[str, Task] = TASKS) -> str:
    """The tier that is asked for: what the call says, else what its task and its complexity say."""
    if call.tier:
        return call.tier
    task = tasks.get(call.task, OTHER)
    return task.complex if is_complex(call, prompt) else task.tier
