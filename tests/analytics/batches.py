"""Batches of questions, and what tests ask of them."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.test import AsyncClient
from django.utils import timezone

from csuite.analytics.bulk import leasing
from csuite.analytics.bulk.models import BulkJob
from csuite.analytics.models import LedgerEntry
from csuite.analytics.tasks import sweep_bulk_jobs
from csuite.llm import Call, scripted
from csuite.llm.usage import Usage
from csuite.tenants.scope import platform_scope, tenant_scope
from tests.conftest import Cast

BATCH = "/api/v1/llm/batch"


async def client_of(cast: Cast, who: str = "bob") -> AsyncClient:
    client = AsyncClient()
    await client.aforce_login(getattr(cast, who))
    return client


def items(count: int) -> list[dict[str, Any]]:
    return [{"prompt": f"Question {n}"} for n in range(count)]


async def left(cast: Cast, body: Any, who: str = "bob", **headers: str) -> Any:
    client = await client_of(cast, who)
    return await client.post(BATCH, json.dumps(body), content_type="application/json", headers=headers)


async def job_of(cast: Cast, count: int = 3) -> UUID:
    response = await left(cast, {"items": items(count)})
    assert response.status_code == 202, response.content
    return UUID(response.json()["id"])


async def seen(cast: Cast, job: UUID, who: str = "bob", query: str = "") -> Any:
    return (await (await client_of(cast, who)).get(f"{BATCH}/{job}{query}")).json()


@sync_to_async
def ledger() -> list[LedgerEntry]:
    with platform_scope("test"):
        return list(LedgerEntry.objects.all())


@sync_to_async
def grown_old(cast: Cast, job: UUID) -> None:
    """As if its worker had been silent for long."""
    with tenant_scope(cast.acme.id):
        BulkJob.objects.filter(id=job).update(heartbeat_at=timezone.now() - timedelta(hours=1))


def echo(call: Call) -> scripted.Answer:
    text = call.messages[-1].text
    if text.endswith("1"):
        return scripted.Answer(error="content_filter")
    return scripted.Answer(f"Answer to {text}", usage=Usage(prompt=5, completion=4))


@sync_to_async
def swept() -> list[tuple[UUID, UUID]]:
    sweep_bulk_jobs()
    with platform_scope("test"):
        return leasing.left_behind()
