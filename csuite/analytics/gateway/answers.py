"""What a program gets: an answer with who wrote it and what it cost, or a problem."""

import math
from decimal import Decimal
from typing import Any

from ninja import Schema
from pydantic import Field

from csuite.llm import Finished, Reply
from csuite.llm.errors import LLMError
from csuite.tenants.problems import Problem

LONGEST_WAIT = 3600  # seconds that a client is told to wait at most


class UsageOut(Schema):
    """Tokens in the provider's own counts; null is unknown. `cost` is a decimal number as text."""

    prompt: int | None
    completion: int | None
    cached: int | None
    reasoning: int | None
    cost: str | None
    currency: str
    estimated: bool
    cache: str = "off"


class AnswerOut(Schema):
    text: str
    data: Any = Field(None, alias="json", description="The answer as JSON, where a schema was sent.")
    finish_reason: str
    provider: str
    model: str
    note: str | None = Field(description="What a person should know about who answered.")
    usage: UsageOut
    ttft_ms: int | None = Field(description="Milliseconds to the first text; null unless streamed.")
    total_ms: int


class ProblemOut(Schema):
    """application/problem+json."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    retry_after: int | None


PROBLEMS: dict[int, Any] = dict.fromkeys((400, 401, 402, 403, 413, 429, 500, 503), ProblemOut)


def amount(cost: Decimal | None) -> str | None:
    """Money as text, all the digits that were computed; null is unknown."""
    return None if cost is None else f"{cost.normalize():f}"


def usage(last: Finished | Reply) -> dict[str, Any]:
    used = last.usage
    return {
        "prompt": used.prompt,
        "completion": used.completion,
        "cached": used.cached,
        "reasoning": used.reasoning,
        "cost": amount(last.cost),
        "currency": last.currency,
        "estimated": last.estimated,
        "cache": "off",
    }


def about(last: Finished | Reply) -> dict[str, Any]:
    """Everything but the text."""
    return {
        "finish_reason": last.finish_reason,
        "provider": last.provider,
        "model": last.model,
        "note": last.note,
        "usage": usage(last),
        "ttft_ms": last.ttft_ms,
        "total_ms": last.total_ms,
    }


def answer(reply: Reply, data: Any) -> dict[str, Any]:
    return {"text": reply.text, "json": data, **about(reply)}


def problem_of(error: LLMError) -> Problem:
    """The same codes and sentences as in conversations."""
    wait = None if error.retry_after is None else min(LONGEST_WAIT, max(1, math.ceil(error.retry_after)))
    return Problem(error.code, error.sentence, retry_after=wait)
