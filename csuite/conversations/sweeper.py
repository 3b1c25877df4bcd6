"""Turns orphans of dead processes into interrupted answers, and takes up questions that nobody runs."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from csuite.conversations.closing import Remains, claim_next, close_orphan
from csuite.conversations.markdown import render
from csuite.conversations.models import Conversation, Turn

log = structlog.get_logger(__name__)

AT_ONCE = 50


def forget() -> int:
    """Deletes temporary conversations some hours after their last word, with all that was said; how many it were.

    In a platform scope. The ledger keeps what they cost: it holds no words.
    """
    over = Now() - timedelta(hours=settings.TEMPORARY_CHAT_HOURS)
    open_turns = Turn.objects.filter(conversation_id=OuterRef("id")).exclude(status=Turn.Status.FINISHED)
    found = Conversation.objects.filter(~Exists(open_turns), temporary=True, updated_at__lt=over)
    gone = 0
    for conversation in found[:AT_ONCE]:
        conversation.delete()
        gone += 1
    return gone


@dataclass(frozen=True, slots=True)
class Swept:
    """`claimed` turns must be started by the caller, what `closed` turns had used must be booked."""

    claimed: list[Turn]
    closed: list[tuple[Turn, list[Remains]]]


def sweep(runner: UUID | None) -> Swept:
    """One pass, in a platform scope; without a `runner` nothing is claimed.

    Time is the database's, so that processes with other clocks agree.
    """
    dead = timedelta(seconds=settings.TURN_DEAD_AFTER)
    orphans = Turn.objects.select_for_update(skip_locked=True).filter(
        status=Turn.Status.RUNNING, heartbeat_at__lt=Now() - dead
    )
    closed = []
    for turn in orphans[:AT_ONCE]:
        try:
            with transaction.atomic():
                closed.append((turn, close_orphan(turn, render)))
        except Exception:  # one that cannot be closed must not keep the others open
            log.exception("orphan_not_closed", turn=str(turn.id))
            continue
        log.warning("turn_interrupted", turn=str(turn.id), runner=str(turn.runner))
    return Swept(_take_up(runner) if runner else [], closed)


def _take_up(runner: UUID) -> list[Turn]:
    """Questions whose conversation runs nothing: their process died, or they came in without one."""
    busy = Turn.objects.filter(conversation_id=OuterRef("conversation_id"), status=Turn.Status.RUNNING)
    idle = Turn.objects.filter(~Exists(busy), status=Turn.Status.QUEUED)
    conversations = idle.order_by().values_list("conversation_id", flat=True).distinct()[:AT_ONCE]
    claimed = [claim_next(conversation, runner) for conversation in list(conversations)]
    return [turn for turn in claimed if turn is not None]
