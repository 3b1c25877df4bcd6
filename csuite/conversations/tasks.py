"""Jobs of conversations."""

from uuid import UUID

from asgiref.sync import async_to_sync
from celery import shared_task

from csuite.conversations import keeping, sweeper
from csuite.conversations.booking import book_orphan
from csuite.conversations.decisions import reminding
from csuite.conversations.exports import working
from csuite.tenants.scope import platform_scope


@shared_task  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Closes the orphans of dead web processes even when no web process is left to do it."""
    with platform_scope("sweeper"):
        swept = sweeper.sweep(None)
    for turn, left in swept.closed:
        async_to_sync(book_orphan)(turn.tenant_id, turn.id, left)


@shared_task  # type: ignore[untyped-decorator]
def remind_of_decisions() -> None:
    """Writes down what owners are to be reminded of, and sends what is due: also what a killed worker left."""
    reminding.queue_due()
    reminding.send_due()


@shared_task  # type: ignore[untyped-decorator]
def forget() -> None:
    """Temporary conversations whose time is over."""
    with platform_scope("temporary conversations"):
        sweeper.forget()


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def write_export(tenant_id: str, export_id: str) -> None:
    """One file. Delivered twice it is written once (exports/working.py)."""
    working.work(UUID(tenant_id), UUID(export_id))


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def sweep_kept() -> None:
    """Exports that nobody works on, files that expired, and conversations whose deletion nobody can undo any more."""
    for tenant, export in working.left_over():
        write_export.delay(str(tenant), str(export))
    with platform_scope("deleted conversations"):
        keeping.remove_deleted()
