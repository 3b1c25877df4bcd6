"""What happens in a turn, as records, and the frames that say so (the socket contract, docs/api.md). Pure."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from csuite.llm.estimating import Estimate


@dataclass(frozen=True, slots=True)
class AnswerStarted:
    """The first text of the provider that answers has come."""

    message: UUID
    provider: str
    model: str
    prompt_version: str
    note: str | None = None

    def body(self) -> dict[str, Any]:
        return {
            "type": "answer.started",
            "message": str(self.message),
            "provider": self.provider,
            "model": self.model,
            "prompt_version": self.prompt_version,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class TextDelta:
    """`at` counts the code points of this message before it."""

    message: UUID
    at: int
    text: str

    def body(self) -> dict[str, Any]:
        return {"type": "text.delta", "message": str(self.message), "at": self.at, "text": self.text}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one answer ended: what its row and its last frame say. Times in ms, counts in tokens, None is unknown."""

    message: UUID
    status: str
    text: str = ""
    html: str = ""
    note: str | None = None
    error_code: str = ""
    provider: str = ""
    model: str = ""
    prompt_version: str = ""
    finish_reason: str = ""
    usage: dict[str, Any] = field(default_factory=dict)
    evidence: tuple[dict[str, Any], ...] = ()
    data_age: dict[str, Any] = field(default_factory=dict)  # as csuite.personas.grounds gives it
    ttft_ms: int | None = None
    total_ms: int | None = None
    synthesis: dict[str, Any] | None = None  # the minutes, of a synthesis that was written

    def body(self) -> dict[str, Any]:
        return {
            "type": "answer.finished",
            "message": str(self.message),
            "status": self.status,
            "html": self.html,
            "evidence": list(self.evidence),
            "usage": self.usage or empty_usage(),
            "note": self.note,
            # Beyond the contract: what the foot of the answer shows, so that it is the same before and after a reload.
            "data_age": self.data_age,
            "error_code": self.error_code or None,
            "finish_reason": self.finish_reason or None,
            "provider": self.provider,
            "model": self.model,
            "prompt_version": self.prompt_version,
            "ttft_ms": self.ttft_ms,
            "total_ms": self.total_ms,
            **({"synthesis": self.synthesis} if self.synthesis else {}),
        }


def empty_usage() -> dict[str, Any]:
    """Nothing was used, and nothing was billed."""
    return {
        "prompt": None,
        "completion": None,
        "cached": None,
        "reasoning": None,
        "cost": None,
        "currency": "USD",
        "estimated": False,
        "cache": "off",
    }


def turn_started(turn: UUID, client_id: str, question: UUID, answers: list[tuple[UUID, str, str]]) -> dict[str, Any]:
    """`answers` are (message, persona, role)."""
    return {
        "type": "turn.started",
        "turn": str(turn),
        "seq": 0,
        "id": client_id,
        "question": str(question),
        "estimate": None,
        "answers": [{"message": str(m), "persona": persona, "role": role} for m, persona, role in answers],
    }


def estimate_body(found: Estimate) -> dict[str, Any]:
    """Money as texts of four decimals; null where a price is unknown, and for the budget where none limits."""
    return {
        "low": _money(found.low),
        "high": _money(found.high),
        "currency": found.currency,
        "budget_left": _money(found.left),
    }


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.4f}"


def evidence_found(message: UUID, evidence: list[dict[str, Any]]) -> dict[str, Any]:
    """A checked sentence."""
    return {"type": "answer.evidence", "message": str(message), "evidence": evidence}


def evidence_path(message: UUID) -> str:
    """Where an answer's figures are shown, one page each below it (urls.py)."""
    return f"/conversations/evidence/{message}/"


def conversation_changed(conversation: UUID) -> dict[str, Any]:
    """Beyond the contract: the page is to be read again. It says nothing of what has changed."""
    return {"type": "conversation.changed", "conversation": str(conversation)}


def turn_queued(turn: UUID, client_id: str, position: int) -> dict[str, Any]:
    return {"type": "turn.queued", "turn": str(turn), "id": client_id, "position": position}


def turn_finished(turn: UUID, seq: int) -> dict[str, Any]:
    return {"type": "turn.finished", "turn": str(turn), "seq": seq}
