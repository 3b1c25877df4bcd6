"""A process that was taken for dead comes back and tells what its attempt has really cost.

The row that was estimated for it stays, as every row does: a correction stands beside it, and the budgets follow.
"""

from datetime import timedelta
from decimal import Decimal

import structlog

from csuite.analytics.budgets import moving
from csuite.analytics.budgets.standing import read_ready
from csuite.analytics.corrections import CostCorrection, Recalculation
from csuite.analytics.models import LedgerEntry

log = structlog.get_logger(__name__)
WHY = "The process was taken for dead and told of the end of this call later."


def put_right(entry: LedgerEntry) -> None:
    """In the transaction of the tenant's scope that is open. Nothing happens where the stored row says the same."""
    stored = LedgerEntry.objects.get(id=entry.id)
    if not stored.estimated or _said(stored) == _said(entry):
        return
    log.warning("attempt_ended_late", entry=str(entry.id), estimated=_said(stored), actual=_said(entry))
    if entry.cost is None or (entry.cost, entry.currency) == (stored.cost, stored.currency):
        return
    if CostCorrection.objects.filter(entry=entry.id).exists():
        return
    act = Recalculation(
        reason=WHY, since=stored.started_at, until=stored.started_at + timedelta(microseconds=1),
        provider=stored.provider, model=stored.model, unpriced_only=False, checked=1, corrected=1, unpriced=0,
    )  # fmt: skip
    act.save(force_insert=True)
    CostCorrection(
        recalculation=act, entry=stored.id, started_at=stored.started_at, cost=entry.cost, currency=entry.currency,
        price_version=entry.price_version, cost_before=stored.cost,
        currency_before="" if stored.cost is None else stored.currency,
    ).save(force_insert=True)  # fmt: skip
    _spend(stored, entry)


def _said(entry: LedgerEntry) -> tuple[object, ...]:
    return entry.prompt_tokens, entry.completion_tokens, entry.cost, entry.currency


def _spend(stored: LedgerEntry, entry: LedgerEntry) -> None:
    """The difference, in the budgets of the period in which the attempt began."""
    labels = {"persona": stored.persona, "user": str(stored.user or "")}
    moves = {}
    for standing in read_ready(stored.tenant_id, [labels], stored.started_at):
        was, now = (
            row.cost if row.cost is not None and row.currency == standing.currency else Decimal(0)
            for row in (stored, entry)
        )
        if standing.counter is not None:
            moves[standing.counter] = moving.Move(now - was, unpriced=-int(stored.cost is None))
    moving.move(stored.tenant_id, moves)
