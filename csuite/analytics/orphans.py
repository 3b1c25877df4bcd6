"""Books what dead processes had asked: each attempt once, estimated and marked so, from what is known of it.

A provider that was asked has read the prompt; of the answer, what was shown is known, else nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from csuite.analytics import metrics
from csuite.analytics.begun import BegunAttempt
from csuite.analytics.budgets import moving
from csuite.analytics.budgets.settling import Settlement
from csuite.analytics.ledger import write
from csuite.analytics.models import BudgetCounter, BudgetHold
from csuite.analytics.rows import entry
from csuite.llm import conf
from csuite.llm.attempt import CANCELLED
from csuite.llm.call import Call
from csuite.llm.hold import Attempt
from csuite.llm.tokens import count_messages, count_tokens
from csuite.llm.usage import Usage
from csuite.tenants.db import in_db


@dataclass(frozen=True, slots=True)
class Orphan:
    """An attempt of a dead process; `call` where it is known (else its prompt is counted roughly), `text` as shown."""

    begun: BegunAttempt
    call: Call | None = None
    text: str = ""


async def book(tenant: UUID, orphans: Sequence[Orphan]) -> None:
    """One ledger row for each, and their reservations end."""
    holds = {orphan.begun.hold for orphan in orphans}
    counters = await in_db(_counters, holds, tenant=tenant) if holds else {}
    for orphan in orphans:
        hold = orphan.begun.hold
        how = Settlement(hold if hold in counters else None, counters.get(hold, {}), guessed=True)
        found = await _attempt(orphan)
        metrics.count(found)
        await write(entry(found, tenant, orphan.begun.id), how)
    for hold in counters:
        await in_db(moving.close_hold, tenant, hold, tenant=tenant)


def _counters(holds: Iterable[UUID]) -> dict[UUID, dict[UUID, UUID]]:
    """Of each open reservation: budget -> the counter that was reserved in."""
    found = {}
    for hold in BudgetHold.objects.filter(id__in=list(holds)):
        parts = BudgetCounter.objects.filter(id__in=list(hold.parts))
        found[hold.id] = dict(parts.values_list("budget_id", "id"))
    return found


async def _attempt(orphan: Orphan) -> Attempt:
    begun, facts = orphan.begun, orphan.begun.facts
    provider, model = facts["provider"], facts["model"]
    usage = Usage(
        prompt=facts["prompt"] if orphan.call is None else count_messages(model, orphan.call.messages),
        completion=count_tokens(model, orphan.text),
        estimated=True,
    )
    cost = await conf.seam("PRICES").cost(provider, model, usage, begun.started_at, free=facts["free"])
    return Attempt(
        labels=facts["labels"],
        task=facts["task"],
        provider=provider,
        model=model,
        number=facts["number"],
        fallback=facts["fallback"],
        usage=usage,
        cost=cost.amount,
        currency=cost.currency,
        price_version=cost.version,
        error_kind=CANCELLED,  # by us, without wanting to: it says nothing about the provider
        started_at=begun.started_at,
        tier=facts["tier"],
        kind=facts["labels"].get("kind", ""),
    )
