"""What this process has seen of each provider since it started: counters and the last outcome."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from csuite.llm.hold import Attempt


@dataclass(slots=True)
class Seen:
    """One provider in this process."""

    attempts: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    last_ok: datetime | None = None
    last_error: str = ""  # the kind; "" after a whole answer


_seen: dict[str, Seen] = {}


def count(row: Attempt) -> None:
    """Take in one attempt. A cancelled one says nothing about the provider."""
    seen = _seen.setdefault(row.provider, Seen())
    seen.attempts += 1
    seen.prompt_tokens += row.usage.prompt or 0
    seen.completion_tokens += row.usage.completion or 0
    if row.error_kind:
        seen.errors[row.error_kind] += 1
    else:
        seen.last_ok = row.started_at
    if row.error_kind != "cancelled":
        seen.last_error = row.error_kind


def snapshot() -> dict[str, Seen]:
    """Provider name to what was seen of it."""
    return dict(_seen)
