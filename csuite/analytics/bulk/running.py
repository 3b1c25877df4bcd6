"""Answers the items of a job, a few at a time, for a while; who has more to do comes back later.

Each item is a call of its own, with its own reservation: what the budget still holds is answered.
"""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import structlog

from csuite import llm
from csuite.analytics import begun, orphans
from csuite.analytics.bulk import leasing
from csuite.analytics.bulk.models import BulkItem, BulkJob
from csuite.analytics.gateway.answers import answer, problem_of
from csuite.analytics.gateway.asking import whole
from csuite.analytics.gateway.bodies import Labels, item_from
from csuite.llm.batch import CONCURRENCY
from csuite.llm.errors import LLMError
from csuite.tenants.db import in_db

log = structlog.get_logger(__name__)

SLICE = 60.0  # seconds before other jobs get their turn


async def run(tenant: UUID, job: UUID, seconds: float = SLICE) -> bool:
    """True if the job wants to be run again. A job that somebody else runs is left alone."""
    runner = uuid4()
    if not await in_db(leasing.take, job, runner, tenant=tenant):
        return False
    user = await in_db(_user, job, tenant=tenant)
    await orphans.book(tenant, await in_db(_orphans, tenant, user, job, tenant=tenant))
    end = asyncio.get_running_loop().time() + seconds
    working = asyncio.ensure_future(_work(tenant, user, job, runner, end))
    beating = asyncio.ensure_future(_beat(tenant, job, runner, working))
    try:
        await asyncio.wait({working})  # a heartbeat that finds the job taken or stopped cancels it
    finally:
        beating.cancel()
        working.cancel()
        await asyncio.wait({working})
        again = await in_db(leasing.give_back, job, runner, tenant=tenant)
    if not working.cancelled():
        working.result()
    return again


def _user(job: UUID) -> UUID:
    found: UUID = BulkJob.objects.values_list("user", flat=True).get(id=job)
    return found


def _orphans(tenant: UUID, user: UUID, job: UUID) -> list[orphans.Orphan]:
    """What the worker before had asked when it died; its items are asked anew."""
    bodies = dict(BulkItem.objects.filter(job_id=job, status=BulkItem.Status.WAITING).values_list("id", "body"))
    return [
        orphans.Orphan(one, _call(bodies[one.message], Labels(str(tenant), str(user), str(one.message))))
        for one in begun.of_messages(bodies)
        if one.message is not None
    ]


def _call(body: dict[str, Any], labels: Labels) -> llm.Call:
    return replace(item_from(body).call(labels), patience="batch")


async def _beat(tenant: UUID, job: UUID, runner: UUID, working: "asyncio.Future[None]") -> None:
    while await in_db(leasing.keep, job, runner, tenant=tenant):  # noqa: ASYNC110 - the row tells, no event can
        await asyncio.sleep(leasing.HEARTBEAT)
    working.cancel()


async def _work(tenant: UUID, user: UUID, job: UUID, runner: UUID, end: float) -> None:
    now = asyncio.get_running_loop().time

    async def one_after_the_other() -> None:
        while now() < end:
            item = await in_db(leasing.next_item, job, runner, tenant=tenant)
            if item is None:
                return
            outcome = await _outcome(item, Labels(str(tenant), str(user), str(item.id)))
            if not await in_db(leasing.settle, item, runner, outcome, tenant=tenant):
                return

    async with asyncio.TaskGroup() as group:
        for _ in range(CONCURRENCY):
            group.create_task(one_after_the_other())


async def _outcome(item: BulkItem, labels: Labels) -> dict[str, Any]:
    try:
        said = answer(*await whole(_call(item.body, labels)))
    except LLMError as error:
        problem = problem_of(error)
        return {"status": BulkItem.Status.FAILED, "error_code": problem.code, "error": problem.message}
    except Exception:
        log.exception("bulk_item_failed", item=str(item.id))
        return {
            "status": BulkItem.Status.FAILED,
            "error_code": "internal",
            "error": "Something went wrong on our side.",
        }
    return {"status": BulkItem.Status.DONE, "answer": said}
