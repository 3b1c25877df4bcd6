"""Ledger rows from attempts, made so that a row can always be written: what does not fit is cut, never refused."""

import os
import time
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from uuid import UUID

from django.db import models

from csuite.analytics.models import LedgerEntry
from csuite.llm.hold import Attempt

_MOST = 2_147_483_647  # of a PostgreSQL integer
PLACES = Decimal("1E-10")
_MOST_MONEY = Decimal(10) ** 10 - 1


def new_id() -> UUID:
    """A UUID of version 7: rows written together lie together in the index, at any size of the table."""
    milliseconds = time.time_ns() // 1_000_000
    value = milliseconds << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76  # version
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)  # variant


def entry(attempt: Attempt, tenant: UUID, key: UUID | None = None) -> LedgerEntry:
    """The row of one attempt. It has its id (`key`, or a new one) before it is written: twice it is still one row."""
    labels, usage = attempt.labels, attempt.usage
    now = datetime.now(UTC)
    return LedgerEntry(
        id=key or new_id(),
        tenant_id=tenant,
        created_at=now,
        started_at=attempt.started_at or now - timedelta(milliseconds=attempt.total_ms or 0),
        **{name: _uuid(labels.get(name, "")) for name in ("user", "conversation", "message", "turn", "deal")},
        **{name: _text(name, labels.get(name, "")) for name in ("persona", "prompt_version", "experiment")},
        **{
            name: _text(name, getattr(attempt, name))
            for name in (
                "task", "kind", "provider", "model", "tier", "request_id", "cache", "currency",
                "price_version", "finish_reason", "error_kind",
            )
        },
        number=min(max(attempt.number, 0), 32767),
        fallback=attempt.fallback,
        prompt_tokens=_count(usage.prompt),
        completion_tokens=_count(usage.completion),
        cached_tokens=_count(usage.cached),
        cache_write_tokens=_count(usage.cache_write),
        reasoning_tokens=_count(usage.reasoning),
        cached_apart=usage.cached_apart,
        estimated=usage.estimated,
        compression_saved=_count(attempt.compression_saved),
        cost=_money(attempt.cost),
        billed_cost=_money(attempt.billed_cost),
        ttft_ms=_count(attempt.ttft_ms),
        total_ms=_count(attempt.total_ms),
        json_valid=attempt.json_valid,
    )  # fmt: skip


def _text(name: str, value: str) -> str:
    """PostgreSQL takes no NUL, and a column has a length."""
    column = LedgerEntry._meta.get_field(name)
    assert isinstance(column, models.CharField)
    return value.replace("\0", "")[: column.max_length]


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


def _count(value: int | None) -> int | None:
    return None if value is None else min(max(value, 0), _MOST)


def _money(value: Decimal | None) -> Decimal | None:
    if value is None or not value.is_finite():
        return None
    return min(max(value, -_MOST_MONEY), _MOST_MONEY).quantize(PLACES, ROUND_HALF_EVEN)
