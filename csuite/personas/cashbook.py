"""A tenant's deals and invoices as the cash forecast takes them. Reads rows, so it needs an open tenant scope."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

from csuite.deals.models import Deal, Expectation, Invoice, Note, Reading, Stage, StageEntry
from csuite.personas import cashflow
from csuite.personas.cashflow import Assumptions, Book, Hint, Override, Selling, Spell
from csuite.personas.cashflow.assumptions import ENDED
from csuite.personas.cashflow.results import shown

PROMISE = "the customer's promise"
SELLING_DAYS = 30  # in a stage of selling, where the tenant gave none
Entry = tuple[UUID, date]  # stage, day of entering it


@dataclass(frozen=True, slots=True)
class Cashbook:
    """What `learn` and `predict_cashflow` need. `unvalued` are open deals without a value, by reference: they are in no
    forecast. Overrides go by kind and reference or number (`invoice:4711`): what people expect, and promised days.
    `hints` are what a model read in notes that still stand so, by reference; `unread` open deals whose notes it did not
    read as they stand. `keys`: the id of each open deal's and invoice's row, by kind and reference or number."""

    book: Book
    assumptions: Assumptions
    overrides: Mapping[str, Override]
    unvalued: tuple[str, ...]
    hints: Mapping[str, Hint]
    unread: tuple[UUID, ...]
    keys: Mapping[tuple[str, str], UUID]


def read_cashbook() -> Cashbook:
    """All of the tenant's open deals, invoices and stays in stages, in eight queries."""
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
    expected = _expectations()
    readings = {reading.deal_id: reading for reading in Reading.objects.all()}
    read = {
        deal.pk: deal.reference
        for deal in opened
        if deal.pk in readings and readings[deal.pk].digest == digest_of(notes[deal.pk])
    }
    valued = [deal for deal in opened if _value(deal, expected) is not None]
    return Cashbook(
        book=Book(
            [_deal(deal, stages[deal.stage_id], notes[deal.pk], expected) for deal in valued],
            [_invoice(invoice, by_key, stages) for invoice in invoices],
            spells,
        ),
        assumptions=rules,
        overrides=_overrides(opened, invoices, expected),
        unvalued=tuple(sorted(deal.reference for deal in opened if _value(deal, expected) is None)),
        hints={reference: _hint(readings[key]) for key, reference in read.items()},
        unread=tuple(deal.pk for deal in opened if any(notes[deal.pk]) and deal.pk not in read),
        keys={
            **{("deal", deal.reference): deal.pk for deal in opened},
            **{("invoice", one.number): one.pk for one in invoices if one.settled_on is None},
        },
    )


def digest_of(notes: Iterable[str]) -> str:
    """The same for the same notes in whatever order."""
    return sha256("\0".join(sorted(notes)).encode()).hexdigest()


def _expectations() -> dict[UUID, Expectation]:
    """What counts, by the id of the deal or invoice."""
    rows = Expectation.objects.filter(undone_at__isnull=True).select_related("made_by").order_by("made_at")
    return {key: row for row in rows for key in [row.deal_id or row.invoice_id] if key}


def _value(deal: Deal, expected: Mapping[UUID, Expectation]) -> Decimal | None:
    set_ = expected.get(deal.pk)
    return deal.value if deal.value is not None or set_ is None else set_.amount


def _overrides(
    deals: Iterable[Deal], invoices: Iterable[Invoice], expected: Mapping[UUID, Expectation]
) -> dict[str, Override]:
    found = {f"deal:{deal.reference}": override_of(expected[deal.pk]) for deal in deals if deal.pk in expected}
    for invoice in invoices:
        row = expected.get(invoice.pk)
        if row is not None:
            found[f"invoice:{invoice.number}"] = override_of(row, invoice.promised_on)
        elif invoice.promised_on:
            found[f"invoice:{invoice.number}"] = Override(payment_on=invoice.promised_on, by=PROMISE)
    return found


def override_of(row: Expectation, promised: date | None = None) -> Override:
    """What a person set, with the promised day if she set none."""
    by = row.made_by.display_name if row.made_by else "somebody"
    promise = row.payment_on is None and promised is not None
    return Override(
        invoice_on=row.invoice_on,
        payment_on=promised if promise else row.payment_on,
        amount=row.amount,
        chance=None if row.chance is None else float(row.chance),
        by=f"{by} and {PROMISE}" if promise else by,
        set_on=row.made_at.date(),
        reason=row.reason,
    )


def _hint(row: Reading) -> Hint:
    source = f"{row.model or 'a model'} with {row.prompt_version}, {shown(row.read_at.date())}"
    return Hint(
        invoice_on=row.invoice_on,
        payment_on=row.payment_on,
        confidence=row.confidence,
        reasoning=row.reasoning,
        source=source,
    )


def _assumptions(stages: Sequence[Stage]) -> Assumptions:
    """The rules, with the days that the tenant gave to its stages, and defaults for those of selling."""
    rules = Assumptions()
    cycles = dict(rules.cycle_days)
    for stage in stages:
        if stage.days and rules.cycle(stage.name):
            cycles[rules.stage(stage.name)] = stage.days
    return replace(rules, cycle_days=cycles, selling=_selling_defaults(stages, rules))


def _selling_defaults(stages: Sequence[Stage], rules: Assumptions) -> dict[str, Selling]:
    """For each stage of selling: the days of it and those after it until the order, and a chance by its place: the
    first of two has 1/3, the second 2/3."""
    pipelines: dict[UUID, list[Stage]] = defaultdict(list)
    for stage in stages:
        if _selling(stage, rules) and rules.stage(stage.name) not in ENDED:
            pipelines[stage.pipeline_id].append(stage)
    found: dict[str, Selling] = {}
    for ordered in pipelines.values():
        for place, stage in enumerate(ordered):
            days = sum(later.days or SELLING_DAYS for later in ordered[place:])
            found.setdefault(rules.stage(stage.name), Selling(days, (place + 1) / (len(ordered) + 1)))
    return found


def _deal(deal: Deal, stage: Stage, notes: Sequence[str], expected: Mapping[UUID, Expectation]) -> cashflow.Deal:
    value = _value(deal, expected)
    assert value is not None
    return cashflow.Deal(
        id=deal.reference,
        stage=stage.name,
        value=value,
        currency=deal.currency,
        customer=deal.customer.name if deal.customer else "",
        title=deal.title,
        pipeline=stage.pipeline.name,
        entered_on=deal.entered_on or deal.opened_on,
        closes_on=deal.expected_on,
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
