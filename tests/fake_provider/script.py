"""Answers told beforehand, in their order or by what the request holds."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

SAY = "say"  # usage: as we count


@dataclass
class Answer:
    """One answer; times in milliseconds.

    text or pieces: what is said (text goes out in words). after: how many pieces come before the fault (default:
    half of them). match: only for a request whose body holds this text. repeat: for every such request, not one.
    usage: "say" (as we count), None (say nothing), or the object to send. body: raw bytes of the body instead of
    all this, with status and headers.
    """

    text: str = ""
    pieces: list[str] = field(default_factory=list)
    pace_ms: float = 0.0
    ttft_ms: float = 0.0
    fault: str = ""
    after: int | None = None
    finish_reason: str = "stop"
    usage: Any = SAY
    tool_calls: list[dict[str, Any]] = field(default_factory=list)
    match: str = ""
    repeat: bool = False
    stamp: bool = False
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: str | bytes | None = None
    cut_at: int | None = None
    form: str = ""

    def __post_init__(self) -> None:
        if self.text and not self.pieces:
            self.pieces = [word if at == 0 else f" {word}" for at, word in enumerate(self.text.split(" "))]

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Answer":
        known = {item.name for item in fields(cls)}
        if unknown := value.keys() - known:
            raise ValueError(f"no such field: {', '.join(sorted(unknown))}")
        return cls(**value)


class Script:
    """The answers that are left."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []

    def add(self, answers: Iterable[Answer]) -> None:
        self.answers.extend(answers)

    def take(self, body: str) -> Answer | None:
        """The first answer that is meant for this request; it is used up unless it repeats."""
        for at, answer in enumerate(self.answers):
            if answer.match in body:
                return answer if answer.repeat else self.answers.pop(at)
        return None
