"""Batches of questions: `/api/v1/llm/batch`, and the worker behind it."""

import asyncio
import uuid
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from csuite.analytics.bulk import leasing
from csuite.analytics.bulk.models import BulkItem, BulkJob
from csuite.analytics.bulk.running import run
from csuite.llm import Call, scripted
from csuite.tenants.models import Limit, Membership
from csuite.tenants.scope import tenant_scope
from tests.analytics.batches import BATCH, client_of, echo, items, job_of, ledger, left, seen, swept
from tests.conftest import Cast

pytestmark = pytest.mark.django_db(transaction=True)


async def test_each_item_has_its_answer_or_its_error_and_is_booked_to_who_asked(cast: Cast) -> None:
    job = await job_of(cast)
    before = await seen(cast, job)
    assert (before["status"], before["total"], before["counts"]) == ("waiting", 3, {"waiting": 3})
    with scripted.answers(echo):
        assert await run(cast.acme.id, job) is False
    after = await seen(cast, job)
    assert (after["status"], after["counts"]) == ("finished", {"done": 2, "failed": 1})
    assert [item["status"] for item in after["items"]] == ["done", "failed", "done"]
    assert after["items"][0]["answer"]["text"] == "Answer to Question 0"
    assert after["items"][0]["answer"]["usage"]["completion"] == 4
    assert after["items"][1]["error_code"] == "internal"
    rows = await ledger()
    assert {(row.user, row.kind) for row in rows} == {(cast.bob.id, "api")}
    assert len({row.message for row in rows}) == 3


async def test_what_was_asked_is_not_kept_after_it_was_answered(cast: Cast) -> None:
    job = await job_of(cast)
    with scripted.answers(echo):
        await run(cast.acme.id, job)

    @sync_to_async
    def bodies() -> list[Any]:
        with tenant_scope(cast.acme.id):
            return list(BulkItem.objects.values_list("body", flat=True))

    assert await bodies() == [{}, {}, {}]


async def test_dialogs_schemas_and_wishes_reach_the_model(cast: Cast) -> None:
    one = {"messages": [{"role": "user", "content": "x"}], "schema": {"type": "object"}, "temperature": 0.1}
    response = await left(cast, {"items": [one]})
    with scripted.answers('{"a": 1}') as play:
        await run(cast.acme.id, UUID(response.json()["id"]))
    assert play.calls[0].schema == {"type": "object"}
    assert play.calls[0].temperature == 0.1
    assert (await seen(cast, UUID(response.json()["id"])))["items"][0]["answer"]["json"] == {"a": 1}


async def test_a_task_that_is_delivered_twice_asks_everything_once(cast: Cast) -> None:
    job = await job_of(cast, 12)
    with scripted.answers(scripted.Answer("yes", delay=0.01)) as play:
        await asyncio.gather(*(run(cast.acme.id, job) for _ in range(4)))
        await run(cast.acme.id, job)
    assert len(play.calls) == 12
    assert len(await ledger()) == 12
    assert (await seen(cast, job))["counts"] == {"done": 12}


async def test_a_worker_that_lost_its_lease_stores_nothing(cast: Cast) -> None:
    job = await job_of(cast, 1)
    old, new = uuid.uuid4(), uuid.uuid4()

    @sync_to_async
    def race() -> tuple[bool, bool, bool]:
        with tenant_scope(cast.acme.id):
            assert leasing.take(job, old)
            item = leasing.next_item(job, old)
            assert item is not None
            assert not leasing.take(job, new)  # the old one is alive
            BulkJob.objects.filter(id=job).update(heartbeat_at=timezone.now() - timedelta(hours=1))
            assert leasing.take(job, new)
            again = leasing.next_item(job, new)
            assert again is not None
            outcome = {"status": BulkItem.Status.DONE, "answer": {}}
            return (
                leasing.settle(item, old, outcome),
                leasing.settle(again, new, outcome),
                leasing.settle(again, new, outcome),
            )

    assert await race() == (False, True, False)


async def test_a_long_batch_lets_others_in_between(cast: Cast) -> None:
    job = await job_of(cast, 3)
    with scripted.answers(echo) as play:
        assert await run(cast.acme.id, job, seconds=0) is True
        assert not play.calls
        assert await run(cast.acme.id, job) is False
    assert len(play.calls) == 3


async def test_a_stopped_batch_asks_nothing_more_and_keeps_its_answers(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leasing, "HEARTBEAT", 0.05)
    job = await job_of(cast, 9)

    def slow_after_two(call: Call) -> scripted.Answer:
        number = int(call.messages[0].text.split()[-1])
        return scripted.Answer("yes") if number < 2 else scripted.Answer(pieces=["x", asyncio.Event()])

    with scripted.answers(slow_after_two) as play:
        running = asyncio.create_task(run(cast.acme.id, job))
        while len(play.calls) < 7:
            await asyncio.sleep(0.01)
        stopped = await (await client_of(cast)).delete(f"{BATCH}/{job}")
        assert stopped.json()["status"] == "stopped"
        assert await running is False
        assert (len(play.calls), play.closed) == (7, 5)
    after = await seen(cast, job)
    assert after["counts"] == {"done": 2, "stopped": 7}
    assert Counter(row.error_kind for row in await ledger()) == {"": 2, "cancelled": 5}


async def test_who_left_the_company_has_nothing_asked_in_her_name(cast: Cast) -> None:
    job = await job_of(cast)
    await Membership.objects.filter(user=cast.bob).aupdate(is_active=False)
    with scripted.answers(echo) as play:
        await run(cast.acme.id, job)
    assert not play.calls
    await Membership.objects.filter(user=cast.bob).aupdate(is_active=True)
    assert (await seen(cast, job))["status"] == "stopped"


async def test_the_same_key_is_the_same_batch_and_another_body_is_refused(cast: Cast) -> None:
    key = {"Idempotency-Key": "nightly-2026-11"}
    first = await left(cast, {"items": items(2)}, **key)
    again = await left(cast, {"items": items(2)}, **key)
    other = await left(cast, {"items": items(3)}, **key)
    colleague = await left(cast, {"items": items(3)}, who="alice", **key)
    assert first.json()["id"] == again.json()["id"]
    assert (other.status_code, other.json()["code"]) == (409, "id_reused")
    assert colleague.status_code == 202
    assert (await left(cast, {"items": items(1)}, **{"Idempotency-Key": "short"})).status_code == 400


async def test_more_than_twenty_items_are_a_large_operation(cast: Cast) -> None:
    await Limit.objects.acreate(name="expensive", tenant=cast.acme, amount=1, seconds=86_400)
    assert (await left(cast, {"items": items(20)})).status_code == 202
    assert (await left(cast, {"items": items(21)})).status_code == 202
    refused = await left(cast, {"items": items(21)})
    assert (refused.status_code, refused["RateLimit-Limit"]) == (429, "1")
    assert (await left(cast, {"items": items(20)})).status_code == 202


@pytest.mark.parametrize(
    "body",
    [{}, {"items": []}, {"items": [{}]}, {"items": [{"prompt": "x", "base_url": "http://a.example"}]},
     {"items": [{"messages": [{"role": "user", "content": "x"}], "stream": True}]}, {"items": items(1001)}],
)  # fmt: skip
async def test_a_batch_that_is_wrong_is_refused(cast: Cast, body: Any) -> None:
    assert (await left(cast, body)).status_code == 400


async def test_answers_come_a_hundred_at_a_time(cast: Cast) -> None:
    job = await job_of(cast, 150)
    first = await seen(cast, job)
    assert (len(first["items"]), first["next"]) == (100, 99)
    rest = await seen(cast, job, query="?after=99")
    assert ([item["position"] for item in rest["items"]], rest["next"]) == (list(range(100, 150)), None)


async def test_a_batch_is_forgotten_after_a_month(cast: Cast) -> None:
    job = await job_of(cast)
    with scripted.answers(echo):
        await run(cast.acme.id, job)
    await swept()
    assert (await seen(cast, job))["status"] == "finished"

    @sync_to_async
    def age() -> None:
        with tenant_scope(cast.acme.id):
            BulkJob.objects.update(finished_at=timezone.now() - timedelta(days=31))

    await age()
    await swept()
    assert (await seen(cast, job))["code"] == "not_found"
