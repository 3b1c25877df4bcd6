"""Jobs of conversations."""

from asgiref.sync import async_to_sync
from celery import shared_task

from csuite.conversations import sweeper
from csuite.conversations.booking import book_orphan
from csuite.conversations.decisions import reminding
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
