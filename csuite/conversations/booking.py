"""Books what a dead process used and could not book itself: from what was shown, estimated and marked so."""

from datetime import UTC, datetime
from uuid import UUID

from csuite import llm
from csuite.analytics.hold import hold_of_turn
from csuite.analytics.models import LedgerEntry
from csuite.conversations.closing import Remains
from csuite.conversations.models import Turn
from csuite.conversations.preparing import job_of
from csuite.conversations.turns import call_of
from csuite.llm import conf
from csuite.llm.providers import table
from csuite.llm.tokens import count_messages, count_tokens
from csuite.tenants.db import in_db


def _unbooked(turn_id: UUID, left: list[Remains]) -> list[tuple[Remains, llm.Call]]:
    """The answers that a provider had begun and that are in no ledger row, each with the call it was."""
    begun = {found.message: found for found in left if found.started and not found.finished}
    booked = set(LedgerEntry.objects.filter(message__in=list(begun)).values_list("message", flat=True))
    job = job_of(Turn.objects.select_related("question").get(id=turn_id))
    return [
        (begun[answer.message], call_of(job, answer))
        for answer in job.answers
        if answer.message in begun and answer.message not in booked
    ]


async def book_orphan(tenant: UUID, turn: UUID, left: list[Remains]) -> None:
    """One ledger row for each answer that was being written when its process died; the reservation ends."""
    hold = await hold_of_turn(tenant, turn)
    try:
        for found, call in await in_db(_unbooked, turn, left, tenant=tenant):
            await hold.attempt(await _attempt(found, call))
    finally:
        await hold.close()


async def _attempt(found: Remains, call: llm.Call) -> llm.Attempt:
    started = found.started or {}
    provider, model = str(started["provider"]), str(started["model"])
    row = table().get(provider)
    usage = llm.Usage(
        prompt=count_messages(model, call.messages),
        completion=count_tokens(model, found.text),
        estimated=True,
    )
    now = datetime.now(UTC)
    cost = await conf.seam("PRICES").cost(provider, model, usage, now, free=bool(row and row.free))
    return llm.Attempt(
        labels=call.labels,
        task=call.task,
        provider=provider,
        model=model,
        usage=usage,
        cost=cost.amount,
        currency=cost.currency,
        price_version=cost.version,
        error_kind="midstream",
        started_at=now,
    )
