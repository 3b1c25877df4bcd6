"""`/api/v1/llm/batch`: questions left behind, and what became of them so far."""

import hashlib
import uuid
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import Count
from ninja import Query, Router, Schema, Status
from pydantic import Field

from csuite.analytics.bulk import leasing
from csuite.analytics.bulk.models import BulkItem, BulkJob
from csuite.analytics.gateway.answers import PROBLEMS, AnswerOut, ProblemOut
from csuite.analytics.gateway.bodies import Batch
from csuite.analytics.tasks import run_bulk_job
from csuite.tenants.limits import take_chat, take_expensive
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.models import Membership
from csuite.tenants.problems import Problem

router = Router(tags=["llm"])
FREELY = 20  # items; a larger batch is a large operation
PAGE = 100


class ItemOut(Schema):
    position: int
    status: str = Field(description="waiting, running, done, failed or stopped")
    answer: AnswerOut | None
    error_code: str | None
    error: str | None


class JobOut(Schema):
    id: UUID
    status: str = Field(description="waiting, running, finished or stopped")
    created_at: datetime
    total: int
    counts: dict[str, int] = Field(description="Items by status.")
    items: list[ItemOut] = Field(description="By position, 100 at a time.")
    next: int | None = Field(description="`after` for the next page; null on the last.")


class Page(Schema):
    after: int = Field(-1, ge=-1, le=1000)


SHOWN: dict[int, Any] = {200: JobOut, 404: ProblemOut}


@router.post("/batch", response={202: JobOut, 409: ProblemOut, **PROBLEMS}, by_alias=True, url_name="llm_batch")
def leave(request: MemberRequest, body: Batch) -> "Status[dict[str, Any]]":
    """Answered by a worker, a few at a time. The same Idempotency-Key is the same batch."""
    if request.content_type != "application/json":
        raise Problem("bad_frame", "Send JSON.")
    key = request.headers.get("Idempotency-Key") or str(uuid.uuid4())
    if not 8 <= len(key) <= 64 or not key.isprintable():
        raise Problem("bad_frame", "An Idempotency-Key has 8 to 64 characters.")
    return Status(202, _shown(left(request.member, key, body), -1))


@router.get("/batch/{uuid:job}", response=SHOWN, by_alias=True, url_name="llm_batch_job")
def look(request: MemberRequest, job: UUID, page: Query[Page]) -> dict[str, Any]:
    """How far it is, and the answers so far."""
    return _shown(_mine(request.member, job), page.after)


@router.delete("/batch/{uuid:job}", response=SHOWN, by_alias=True)
def stop(request: MemberRequest, job: UUID) -> dict[str, Any]:
    """Asks nothing more; what runs is broken off, answers that are there stay."""
    leasing.stop(_mine(request.member, job).id)
    return _shown(_mine(request.member, job), -1)


def left(member: Membership, key: str, body: Batch) -> BulkJob:
    """The batch of this key, made and given to a worker if it is new. Raises Problem."""
    return _known(member, key, body) or _made(member, key, body)


def _mine(member: Membership, job: UUID) -> BulkJob:
    found: BulkJob | None = BulkJob.objects.filter(id=job, user=member.user_id).first()
    if found is None:
        raise Problem("not_found", "There is no such batch.")
    return found


def _known(member: Membership, key: str, body: Batch) -> BulkJob | None:
    found: BulkJob | None = BulkJob.objects.filter(user=member.user_id, client_id=key).first()
    if found is not None and bytes(found.digest) != _digest(body):
        raise Problem("id_reused", "This Idempotency-Key was used for another batch.")
    return found


def _digest(body: Batch) -> bytes:
    return hashlib.sha256(orjson.dumps(body.model_dump(by_alias=True))).digest()


def _made(member: Membership, key: str, body: Batch) -> BulkJob:
    take_chat(member)
    if len(body.items) > FREELY:
        take_expensive(member)
    job = BulkJob(user=member.user_id, client_id=key, digest=_digest(body), total=len(body.items))
    job.claim()
    BulkJob.objects.bulk_create([job], ignore_conflicts=True)  # of two that race, one is the batch
    stored = _known(member, key, body)
    assert stored is not None
    if stored.id == job.id:
        items = [
            BulkItem(job=job, position=n, body=item.model_dump(by_alias=True, exclude_defaults=True))
            for n, item in enumerate(body.items)
        ]
        for item in items:
            item.claim()
        BulkItem.objects.bulk_create(items)
        transaction.on_commit(lambda: run_bulk_job.delay(str(job.tenant_id), str(job.id)))
    return stored


def _shown(job: BulkJob, after: int) -> dict[str, Any]:
    rows = list(BulkItem.objects.filter(job=job, position__gt=after).order_by("position")[: PAGE + 1])
    counts = BulkItem.objects.filter(job=job).order_by().values_list("status").annotate(Count("id"))
    return {
        "id": job.id,
        "status": job.status,
        "created_at": job.created_at,
        "total": job.total,
        "counts": dict(counts),
        "items": [_item(row) for row in rows[:PAGE]],
        "next": rows[PAGE - 1].position if len(rows) > PAGE else None,
    }


def _item(row: BulkItem) -> dict[str, Any]:
    return {
        "position": row.position,
        "status": row.status,
        "answer": row.answer,
        "error_code": row.error_code or None,
        "error": row.error or None,
    }
