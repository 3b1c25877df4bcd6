"""Costs computed again, by the prices that are entered now. Idempotent: what has its right cost gets no correction."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import uuid4

from django.db.models import QuerySet

from csuite.analytics.budgets.changing import recount
from csuite.analytics.calls import Mark, page
from csuite.analytics.corrections import CostCorrection, Recalculation, held
from csuite.analytics.models import LedgerEntry
from csuite.analytics.rows import PLACES
from csuite.llm.prices import Cost, packaged_cost
from csuite.llm.usage import Usage
from csuite.providers.models import Price
from csuite.providers.prices import in_force, row_cost, rows_of
from csuite.tenants.audit import record
from csuite.tenants.models import User

BATCH = 2000
NOT_BILLED = "not billed"  # a failure that no provider charges for


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which calls: half-open, UTC; empty provider or model: all. `unpriced_only` leaves known costs as they are."""

    since: datetime
    until: datetime
    reason: str
    provider: str = ""
    model: str = ""
    unpriced_only: bool = True


@dataclass(slots=True)
class _Prices:
    """Rows of each model, read once. Known prices of the package stand in where no row ever was."""

    known: dict[tuple[str, str], list[Price]] = field(default_factory=dict)

    def cost(self, entry: LedgerEntry) -> Cost:
        key = (entry.provider, entry.model)
        if key not in self.known:
            self.known[key] = rows_of(*key)
        price = in_force(self.known[key], entry.started_at)
        if price is not None:
            return row_cost(price, usage_of(entry))
        return packaged_cost(*key, usage_of(entry), entry.started_at) if entry.cost is None else Cost()


def usage_of(entry: LedgerEntry) -> Usage:
    return Usage(
        prompt=entry.prompt_tokens,
        completion=entry.completion_tokens,
        cached=entry.cached_tokens,
        cache_write=entry.cache_write_tokens,
        reasoning=entry.reasoning_tokens,
        cached_apart=entry.cached_apart,
        estimated=entry.estimated,
    )


def recalculate(wanted: Wanted, user: User | None) -> Recalculation:
    """In a tenant's scope. Writes corrections, who asked for them and why; the rollups follow by their marks."""
    act = uuid4()
    prices = _Prices()
    checked = corrected = unpriced = 0
    for entries in _batches(_chosen(wanted)):
        before = held([entry.id for entry in entries])
        fixed = [_corrected(entry, before.get(entry.id), prices, wanted) for entry in entries]
        found = [one for one in fixed if one is not None]
        checked += len(entries)
        unpriced += sum(1 for entry in entries if _cost(entry, before.get(entry.id)) is None) - sum(
            1 for one in found if one.cost_before is None
        )
        corrected += len(found)
        for one in found:
            one.recalculation_id = act
            one.claim()
        CostCorrection.objects.bulk_create(found)
    row = Recalculation(
        id=act, user=user, reason=wanted.reason, since=wanted.since, until=wanted.until, provider=wanted.provider,
        model=wanted.model, unpriced_only=wanted.unpriced_only, checked=checked, corrected=corrected,
        unpriced=unpriced,
    )  # fmt: skip
    row.save(force_insert=True)
    if corrected:
        recount(row.tenant_id)
    record(
        "usage.recalculated", user=user, target=str(act), reason=wanted.reason, checked=checked, corrected=corrected,
        unpriced=unpriced, since=wanted.since, until=wanted.until, provider=wanted.provider, model=wanted.model,
    )  # fmt: skip
    return row


def _chosen(wanted: Wanted) -> QuerySet[LedgerEntry]:
    rows: QuerySet[LedgerEntry] = LedgerEntry.objects.filter(
        started_at__gte=wanted.since, started_at__lt=wanted.until
    ).exclude(price_version=NOT_BILLED)
    if wanted.unpriced_only:
        rows = rows.filter(cost__isnull=True)
    if wanted.provider:
        rows = rows.filter(provider=wanted.provider)
    if wanted.model:
        rows = rows.filter(model=wanted.model)
    return rows


def _batches(rows: QuerySet[LedgerEntry]) -> Iterator[list[LedgerEntry]]:
    after: Mark | None = None
    while True:
        entries, more = page(rows, after, BATCH)
        if entries:
            yield entries
        if not more:
            return
        after = Mark.at(entries[-1])


def _cost(entry: LedgerEntry, known: CostCorrection | None) -> Decimal | None:
    return known.cost if known else entry.cost


def _corrected(
    entry: LedgerEntry, known: CostCorrection | None, prices: _Prices, wanted: Wanted
) -> CostCorrection | None:
    """None if the cost is what it should be, or is not known any better."""
    if wanted.unpriced_only and known is not None:
        return None
    found = prices.cost(entry)
    if found.amount is None:
        return None
    before, currency = _cost(entry, known), known.currency if known else entry.currency
    amount = found.amount.quantize(PLACES)
    if before is not None and (amount, found.currency) == (before, currency):
        return None
    return CostCorrection(
        entry=entry.id,
        started_at=entry.started_at,
        cost=amount,
        currency=found.currency,
        price_version=found.version,
        cost_before=before,
        currency_before="" if before is None else currency,
    )
