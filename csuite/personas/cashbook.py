"""A tenant's deals and invoices as the cash forecast takes them. Reads rows, so it needs an open tenant scope."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from csuite.deals.models import Deal, Invoice, Note, Stage, StageEntry
from csuite.personas import cashflow
from csuite.personas.cashflow import Assumptions, Book, Override, Spell

PROMISE = "the customer's promise"
Entry = tuple[UUID, date]  # stage, day of entering it


@dataclass(frozen=True, slots=True)
class Cashbook:
    """What `learn` and `predict_cashflow` need. `unvalued` are open deals without a value, by reference: they are in no
    forecast. Promised days are overrides, by invoice number."""

    book: Book
    assumptions: Assumptions
    overrides: Mapping[str, Override]
    unvalued: tuple[str, ...]


def read_cashbook() -> Cashbook:
    """All of the tenant's open deals, invoices and stays in stages, in six queries."""
    stages = {stage.pk: stage for stage in Stage.objects.select_related("pipeline").order_by("pipeline_id", "position")}
    rules = _assumptions(list(stages.values()))
    deals = list(Deal.objects.select_related("customer"))
    invoices = list(Invoice.objects.select_related("customer"))
    entries: dict[UUID, list[Entry]] = defaultdict(list)
    for entry in StageEntry.objects.order_by("entered_on"):
        entries[entry.deal_id].append((entry.stage_id, entry.entered_on))
    notes: dict[UUID | None, list[str]] = defaultdict(list)
    for deal_id, text in Note.objects.filter(deal__isnull=False).values_list("deal_id", "text"):
        notes[deal_id].append(text)
    opened = [deal for deal in deals if stages[deal.stage_id].kind == Stage.Kind.OPEN]
    billed: dict[UUID, date] = {}
    for invoice in invoices:
        if invoice.deal_id:
            billed[invoice.deal_id] = min(invoice.issued_on, billed.get(invoice.deal_id, date.max))
    spells = [s for deal in deals for s in spells_of(deal, entries[deal.pk], stages, rules, billed.get(deal.pk))]
    by_key = {deal.pk: deal for deal in deals}
    return Cashbook(
        book=Book(
            [_deal(deal, stages[deal.stage_id], notes[deal.pk]) for deal in opened if deal.value is not None],
            [_invoice(invoice, by_key, stages) for invoice in invoices],
            spells,
        ),
        assumptions=rules,
        overrides={i.number: Override(payment_on=i.promised_on, by=PROMISE) for i in invoices if i.promised_on},
        unvalued=tuple(sorted(deal.reference for deal in opened if deal.value is None)),
    )


def _assumptions(stages: Sequence[Stage]) -> Assumptions:
    """The rules, with the days that the tenant gave to stages of delivering."""
    rules = Assumptions()
    cycles = dict(rules.cycle_days)
    for stage in stages:
        if stage.days and rules.cycle(stage.name):
            cycles[rules.stage(stage.name)] = stage.days
    return replace(rules, cycle_days=cycles)


def _deal(deal: Deal, stage: Stage, notes: Sequence[str]) -> cashflow.Deal:
    assert deal.value is not None
    return cashflow.Deal(
        id=deal.reference,
        stage=stage.name,
        value=deal.value,
        currency=deal.currency,
        customer=deal.customer.name if deal.customer else "",
        title=deal.title,
        pipeline=stage.pipeline.name,
        entered_on=deal.entered_on or deal.opened_on,
        notes=tuple(notes),
    )


def _invoice(invoice: Invoice, deals: Mapping[UUID, Deal], stages: Mapping[UUID, Stage]) -> cashflow.Invoice:
    deal = deals.get(invoice.deal_id) if invoice.deal_id else None
    return cashflow.Invoice(
        id=invoice.number,
        customer=invoice.customer.name,
        amount=invoice.amount,
        currency=invoice.currency,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        settled_on=invoice.settled_on,
        disputed=invoice.disputed,
        deal=deal.reference if deal else "",
        pipeline=stages[deal.stage_id].pipeline.name if deal else "",
    )


def spells_of(
    deal: Deal, entries: Sequence[Entry], stages: Mapping[UUID, Stage], rules: Assumptions, billed: date | None
) -> Iterator[Spell]:
    """A deal's stays in open stages, each until what that stage waits for: the order for one of selling (a stage that
    no rule knows), the first invoice (`billed`) for one of delivering. A deal that is over and left no trace of its
    stages counts for the furthest stage of selling, from the day it was opened."""
    now = stages[deal.stage_id]
    customer = deal.customer.name if deal.customer else ""
    lost = deal.closed_on if now.kind == Stage.Kind.LOST else None
    ordered = _ordered(deal, entries, stages, rules)
    seen = [(stages[stage], day) for stage, day in entries if stages[stage].kind == Stage.Kind.OPEN]
    sold = [stage for stage, _ in seen if rules.cycle(stage.name) is None]
    if not sold and deal.opened_on and (ordered or lost):
        furthest = [s for s in stages.values() if s.pipeline_id == now.pipeline_id and _selling(s, rules)]
        seen += [(stage, deal.opened_on) for stage in furthest[-1:]]
    for stage, entered in seen:
        reached = ordered if _selling(stage, rules) else billed
        begun = Spell(deal=deal.reference, stage=stage.name, customer=customer, entered_on=entered)
        if rules.cycle(stage.name) == 0:  # invoiced: waits for nothing here
            continue
        if reached is not None and reached >= entered:
            yield replace(begun, ended_on=reached, outcome="reached")
        elif lost is not None and lost >= entered:
            yield replace(begun, ended_on=lost, outcome="lost")
        elif reached is None and now.kind == Stage.Kind.OPEN:
            yield begun


def _selling(stage: Stage, rules: Assumptions) -> bool:
    return stage.kind == Stage.Kind.OPEN and rules.cycle(stage.name) is None


def _ordered(deal: Deal, entries: Sequence[Entry], stages: Mapping[UUID, Stage], rules: Assumptions) -> date | None:
    """When the order came: the first day in a stage of delivering or winning, else the close of a deal that is won."""
    days = [
        day
        for stage, day in entries
        if stages[stage].kind == Stage.Kind.WON or rules.cycle(stages[stage].name) is not None
    ]
    won = deal.closed_on if stages[deal.stage_id].kind == Stage.Kind.WON else None
    return min(days, default=won)
