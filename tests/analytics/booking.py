"""Attempts and ledger rows for these tests."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from csuite.analytics.ledger import insert
from csuite.analytics.models import LedgerEntry
from csuite.analytics.rows import entry
from csuite.llm.call import Call
from csuite.llm.hold import Attempt
from csuite.llm.usage import Usage
from csuite.tenants.scope import tenant_scope

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def attempt(tenant: UUID, user: UUID | None = None, **fields: Any) -> Attempt:
    plain: dict[str, Any] = {
        "labels": {"tenant": str(tenant), "persona": "cfo", **({"user": str(user)} if user else {})},
        "task": "chat",
        "provider": "openai",
        "model": "gpt-4.1-mini",
        "usage": Usage(prompt=1000, completion=200),
        "cost": Decimal("0.0123"),
        "price_version": "row 1",
        "ttft_ms": 420,
        "total_ms": 2100,
        "finish_reason": "stop",
        "started_at": NOW,
    }
    return Attempt(**{**plain, **fields})


def booked(tenant: UUID, user: UUID | None = None, **fields: Any) -> LedgerEntry:
    """A row in the ledger."""
    row = entry(attempt(tenant, user, **fields), tenant)
    with tenant_scope(tenant):
        insert([row])
    return row


def call(tenant: UUID | str) -> Call:
    return Call(labels={"tenant": str(tenant)} if tenant else {})


def ledger(tenant: UUID) -> list[LedgerEntry]:
    with tenant_scope(tenant):
        return list(LedgerEntry.objects.all())
