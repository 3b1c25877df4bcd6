"""Attempts that have begun: a row for each, from before its request goes out until its ledger row is written.

A process that is killed has booked nothing; what it had asked is booked from these rows (orphans.py). The id is the
one that the ledger row will get, so an attempt is booked once, whoever comes first.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, models
from django.db.models.functions import Now

from csuite.analytics.budgets.moving import HOLD_SECONDS
from csuite.analytics.budgets.standing import as_uuid
from csuite.llm.call import Call
from csuite.llm.registry import Route
from csuite.llm.tokens import count_messages
from csuite.tenants.models import TenantOwned

# Rows that a power cut loses are of processes that it ended, too; so nobody waits for the disk here.
NOTE = """
WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO begun_attempt (id, tenant_id, started_at, hold, turn, message, facts)
SELECT %(id)s, %(tenant)s, %(at)s, %(hold)s, %(turn)s, %(message)s, %(facts)s::jsonb FROM quick
"""


class BegunAttempt(TenantOwned):
    """One attempt in flight. facts: labels, task, provider, model, tier, number, fallback, free, prompt (tokens).

    Without an index of its own on purpose: there are as many rows as calls in flight, and each is written per call.
    """

    started_at = models.DateTimeField()
    hold = models.UUIDField()
    turn = models.UUIDField(null=True)
    message = models.UUIDField(null=True)
    facts = models.JSONField()

    class Meta(TenantOwned.Meta):
        db_table = "begun_attempt"

    def __str__(self) -> str:
        return f"{self.facts['provider']} {self.facts['model']} since {self.started_at:%H:%M:%S}"


def facts_of(call: Call, route: Route, number: int, *, fallback: bool) -> dict[str, Any]:
    """What is known before anybody has answered. prompt: at four characters a token, which costs nothing to count."""
    return {
        "labels": dict(call.labels),
        "task": call.task,
        "provider": route.provider.name,
        "model": route.model,
        "tier": route.tier,
        "number": number,
        "fallback": fallback,
        "free": route.provider.free,
        "prompt": count_messages("", call.messages),
    }


def note(key: UUID, tenant: UUID, hold: UUID, at: datetime, facts: dict[str, Any]) -> None:
    """Inside the tenant's scope."""
    labels = facts["labels"]
    written: dict[str, Any] = {
        "id": key,
        "tenant": tenant,
        "at": at,
        "hold": hold,
        "turn": as_uuid(labels.get("turn", "")),
        "message": as_uuid(labels.get("message", "")),
        "facts": orjson.dumps(facts).decode(),
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTE, written)


def forget(keys: Iterable[UUID]) -> None:
    """Of attempts that were not made after all. Inside the tenant's scope."""
    BegunAttempt.objects.filter(id__in=list(keys)).delete()


def of_turn(turn: UUID) -> list[BegunAttempt]:
    """In the order in which they were begun. Inside the tenant's scope."""
    return list(BegunAttempt.objects.filter(turn=turn).order_by("started_at"))


def of_messages(messages: Iterable[UUID]) -> list[BegunAttempt]:
    return list(BegunAttempt.objects.filter(message__in=list(messages)).order_by("started_at"))


def left_behind() -> list[BegunAttempt]:
    """Older than any attempt can get. In a platform scope."""
    old = Now() - timedelta(seconds=HOLD_SECONDS)
    return list(BegunAttempt.objects.filter(started_at__lt=old).order_by("started_at")[:1000])
