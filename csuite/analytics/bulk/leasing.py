"""Who works on a job. One worker at a time, by a lease that it renews; time is the database's.

A task that is delivered twice finds the lease taken. A worker that died loses it after a while; one that only slept
finds that it is no longer its own, and can store nothing more.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from csuite.analytics.bulk.models import BulkItem, BulkJob
from csuite.tenants.access import living_membership

HEARTBEAT = 2.0  # seconds
DEAD_AFTER = timedelta(seconds=20)
OPEN = (BulkJob.Status.WAITING, BulkJob.Status.RUNNING)


def _dead() -> Q:
    return Q(runner=None) | Q(heartbeat_at__lt=Now() - DEAD_AFTER)


def take(job: UUID, runner: UUID) -> bool:
    """Begins or takes over a job; False if somebody is at it or nothing is left. In the tenant's scope."""
    taken = BulkJob.objects.filter(_dead(), id=job, status__in=OPEN).update(
        runner=runner, heartbeat_at=Now(), status=BulkJob.Status.RUNNING
    )
    if taken:  # what a dead worker had begun has no answer: it begins again
        BulkItem.objects.filter(job_id=job, status=BulkItem.Status.RUNNING).update(status=BulkItem.Status.WAITING)
    return bool(taken)


def keep(job: UUID, runner: UUID) -> bool:
    """Renews the lease; False when it is lost, or the job was stopped."""
    return bool(BulkJob.objects.filter(id=job, runner=runner, status=BulkJob.Status.RUNNING).update(heartbeat_at=Now()))


def give_back(job: UUID, runner: UUID) -> bool:
    """Ends the lease. True if items are left to do; without any the job is finished."""
    left = BulkItem.objects.filter(job_id=job, status__in=(BulkItem.Status.WAITING, BulkItem.Status.RUNNING)).exists()
    mine = BulkJob.objects.filter(id=job, runner=runner, status=BulkJob.Status.RUNNING)
    if left:
        mine.update(runner=None, heartbeat_at=None, status=BulkJob.Status.WAITING)
        return True
    mine.update(runner=None, heartbeat_at=None, status=BulkJob.Status.FINISHED, finished_at=Now())
    return False


def next_item(job: UUID, runner: UUID) -> BulkItem | None:
    """The next question, marked as begun; None when nothing is left or the job is no longer this runner's."""
    mine = BulkJob.objects.filter(id=job, runner=runner, status=BulkJob.Status.RUNNING)
    held = mine.select_for_update().first()
    if held is None:
        return None
    if living_membership(held.user, held.tenant_id) is None:  # she left, or her company is suspended
        stop(job)
        return None
    item: BulkItem | None = (
        BulkItem.objects.filter(job=held, status=BulkItem.Status.WAITING).order_by("position").first()
    )
    if item is not None:
        BulkItem.objects.filter(id=item.id).update(status=BulkItem.Status.RUNNING)
    return item


def settle(item: BulkItem, runner: UUID, outcome: Mapping[str, Any]) -> bool:
    """Stores what became of it, once: False if the job has another runner by now, or was stopped."""
    mine = BulkJob.objects.filter(id=item.job_id, runner=runner, status=BulkJob.Status.RUNNING)
    if mine.select_for_update().first() is None:
        return False
    return bool(BulkItem.objects.filter(id=item.id, status=BulkItem.Status.RUNNING).update(body={}, **outcome))


def stop(job: UUID) -> None:
    """Nothing more is asked; answers that are there stay."""
    BulkJob.objects.filter(id=job, status__in=OPEN).update(
        status=BulkJob.Status.STOPPED, runner=None, heartbeat_at=None, finished_at=Now()
    )
    BulkItem.objects.filter(job_id=job, status__in=(BulkItem.Status.WAITING, BulkItem.Status.RUNNING)).update(
        status=BulkItem.Status.STOPPED, body={}
    )


def again(job: UUID, bodies: Mapping[int, Mapping[str, Any]]) -> bool:
    """Asks items anew that failed or were stopped, by their position; the others stay. False if there are none.

    The caller has the job run.
    """
    held = BulkJob.objects.select_for_update().get(id=job)
    over = (BulkItem.Status.FAILED, BulkItem.Status.STOPPED)
    rows = list(BulkItem.objects.filter(job_id=job, position__in=bodies, status__in=over))
    for row in rows:
        row.body, row.status, row.error, row.error_code = bodies[row.position], BulkItem.Status.WAITING, "", ""
        row.save(update_fields=["body", "status", "error", "error_code"])
    if rows and held.status not in OPEN:
        held.status, held.finished_at = BulkJob.Status.WAITING, None
        held.save(update_fields=["status", "finished_at"])
    return bool(rows)


def left_behind() -> list[tuple[UUID, UUID]]:
    """(tenant, job) of jobs that nobody works on, though their task is not new. In a platform scope."""
    waited = Q(created_at__lt=Now() - DEAD_AFTER) | Q(heartbeat_at__isnull=False)
    rows = BulkJob.objects.filter(_dead(), waited, status__in=OPEN).order_by("created_at")
    return list(rows.values_list("tenant_id", "id")[:100])


def forget(older_than: timedelta) -> int:
    """Deletes ended jobs with their answers. In a platform scope."""
    return int(BulkJob.objects.filter(finished_at__lt=Now() - older_than).delete()[0])
