"""Where the pipeline stands: stages, deals, late invoices, and how customers usually pay. In the tenant's scope."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum

from csuite.deals.models import Deal, Invoice, Note, Stage

LONG = 60  # days in a stage after which a deal counts as slow
HABIT = 3  # paid invoices that it takes to speak of a habit


@dataclass(frozen=True, slots=True)
class StageSum:
    """`total`: of the deals whose value is known and in the company's currency; `unknown`: the others. `late`: deals
    with an invoice that is late."""

    stage: Stage
    deals: int
    total: Decimal
    unknown: int
    late: int


def stage_sums(currency: str, today: date) -> list[StageSum]:
    """The open stages that hold a deal, in their order."""
    counted = Q(deals__value__isnull=False, deals__currency=currency)
    late = Q(deals__invoices__settled_on__isnull=True, deals__invoices__due_on__lt=today)
    rows = Stage.objects.filter(kind=Stage.Kind.OPEN).select_related("pipeline")
    sums = {
        row["id"]: row
        for row in rows.values("id").annotate(
            count=Count("deals"), total=Sum("deals__value", filter=counted), known=Count("deals", filter=counted)
        )
    }
    behind = dict(rows.annotate(behind=Count("deals", filter=late, distinct=True)).values_list("id", "behind"))
    found = [
        StageSum(stage, sums[stage.pk]["count"], sums[stage.pk]["total"] or Decimal(0),
                 sums[stage.pk]["count"] - sums[stage.pk]["known"], behind[stage.pk])
        for stage in rows.order_by("pipeline__position", "pipeline__name", "position", "name")
    ]  # fmt: skip
    return [line for line in found if line.deals]


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which open deals: of one stage, of one seller, those that are slow."""

    stage: UUID | None = None
    seller: UUID | None = None
    slow: bool = False


def open_deals(sieve: Sieve, today: date) -> QuerySet[Deal]:
    """The largest first; those without a value last."""
    rows: QuerySet[Deal] = Deal.objects.filter(stage__kind=Stage.Kind.OPEN)
    if sieve.stage:
        rows = rows.filter(stage_id=sieve.stage)
    if sieve.seller:
        rows = rows.filter(seller_id=sieve.seller)
    if sieve.slow:
        rows = rows.filter(entered_on__lt=date.fromordinal(today.toordinal() - LONG))
    return rows.select_related("stage", "customer", "seller", "product").order_by(
        F("value").desc(nulls_last=True), "reference"
    )


@dataclass(frozen=True, slots=True)
class LateInvoice:
    """`habit`: days after the due date that this customer usually pays, by its paid invoices; None: too few."""

    invoice: Invoice
    seller: str
    days: int
    habit: int | None
    note: Note | None


def late_invoices(today: date) -> list[LateInvoice]:
    """Those that waited longest first."""
    rows = list(
        Invoice.objects.filter(settled_on__isnull=True, due_on__lt=today)
        .select_related("customer", "deal__seller")
        .order_by("due_on", "number")
    )
    habits = payment_habits({row.customer_id for row in rows})
    notes = _last_notes(rows)
    return [
        LateInvoice(row, str(row.deal.seller or "") if row.deal else "", (today - row.due_on).days,
                    habits.get(row.customer_id), notes.get(row.pk))
        for row in rows
    ]  # fmt: skip


def payment_habits(customers: Iterable[UUID]) -> dict[UUID, int]:
    """The median of days between due and settled; negative: before it is due. Without those who paid too seldom."""
    days: dict[UUID, list[int]] = defaultdict(list)
    paid = Invoice.objects.filter(customer_id__in=list(customers), settled_on__isnull=False)
    for customer, due, settled in paid.values_list("customer_id", "due_on", "settled_on"):
        days[customer].append((settled - due).days)
    return {customer: round(median(found)) for customer, found in days.items() if len(found) >= HABIT}


def _last_notes(rows: Sequence[Invoice]) -> dict[UUID, Note]:
    notes = Note.objects.filter(invoice__in=[row.pk for row in rows]).order_by("written_on")
    return {note.invoice_id: note for note in notes}
