"""Dates for every open deal and invoice: rules first, then history, what notes tell, and what people set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from csuite.personas.cashflow.assumptions import ENDED, Assumptions
from csuite.personas.cashflow.chances import Draw, Pair, day_after
from csuite.personas.cashflow.correcting import (
    Corrections,
    Hints,
    ask_model,
    check_overrides,
    set_values,
    weighed,
)
from csuite.personas.cashflow.facts import BadFact, Book, Deal, Invoice, Override
from csuite.personas.cashflow.invoicing import Ground, invoice_outlook, invoiced_already
from csuite.personas.cashflow.learning import Learned
from csuite.personas.cashflow.outlook import Outlook, certain
from csuite.personas.cashflow.paying import invoice_paid, paid_after
from csuite.personas.cashflow.results import LeftOut, Prediction, Step, shown

DRAWS = 400  # each; fewer when there are many deals and invoices, whose luck evens out
FEWER = ((5_000, 100), (500, 200))  # above so many, so many draws


@dataclass(frozen=True, slots=True)
class Predicted:
    """`pairs` hold each prediction's draws of (days until the invoice, days until the payment); None: not at all."""

    predictions: tuple[Prediction, ...]
    left_out: tuple[LeftOut, ...]
    warnings: tuple[str, ...]
    partial: bool
    pairs: Mapping[tuple[str, str], Sequence[Pair]] = field(repr=False)


def predict_deal_dates(
    book: Book,
    today: date,
    currency: str,
    *,
    assumptions: Assumptions | None = None,
    learned: Learned | None = None,
    overrides: Mapping[str, Override] | None = None,
    hints: Hints | None = None,
    seed: str = "cashflow",
) -> Predicted:
    """The invoice and payment date of every deal and open invoice in the book, in the order of their ids.

    Without `learned` the rules alone decide. `overrides` go by the id of a deal or invoice, with its kind
    before (`deal:4711`) where both may have the same. `hints` is called once with
    the deals that have notes. Amounts in another currency are left out. Raises BadFact for values of the wrong type.
    """
    check_overrides(overrides or {})
    if not isinstance(today, date) or hasattr(today, "hour"):
        raise BadFact("today must be a day in the tenant's time zone")
    warnings: list[str] = []
    deals, invoices, left = _chosen(book, today, currency, assumptions or Assumptions(), warnings)
    count = next((few for many, few in FEWER if len(deals) + len(invoices) > many), DRAWS)
    ground = Ground(today, assumptions or Assumptions(), learned, count, seed)
    corrections = Corrections(overrides or {})
    before = len(warnings)
    if hints:
        corrections.hints = ask_model(hints, deals, _known(deals, ground), warnings)
    partial = len(warnings) > before
    found: list[tuple[Prediction, Sequence[Pair]]] = []
    for deal in deals:
        made = _of_deal(deal, corrections, ground)
        if isinstance(made, str):
            left.append(LeftOut("deal", deal.id, made))
        else:
            found.append(made)
    found += [_of_invoice(invoice, corrections, ground) for invoice in invoices]
    warnings += [f"{prediction.id}: {text}" for prediction, _ in found for text in prediction.warnings]
    return Predicted(
        predictions=tuple(prediction for prediction, _ in found),
        left_out=tuple(sorted(left, key=lambda out: (out.kind, out.id))),
        warnings=tuple(warnings),
        partial=partial,
        pairs={(prediction.kind, prediction.id): pairs for prediction, pairs in found},
    )


def _known(deals: Sequence[Deal], ground: Ground) -> dict[str, Prediction]:
    """What is known without a model of the deals with notes."""
    noted = [deal for deal in deals if any(note.strip() for note in deal.notes)]
    made = {deal.id: _of_deal(deal, Corrections(), ground) for deal in noted}
    return {key: one[0] for key, one in made.items() if not isinstance(one, str)}


def _chosen(
    book: Book, today: date, currency: str, rules: Assumptions, warnings: list[str]
) -> tuple[list[Deal], list[Invoice], list[LeftOut]]:
    """What is to be predicted: each id once, nothing finished, one currency; a deal with invoices is its invoices."""
    deals: dict[str, Deal] = {}
    invoices: dict[str, Invoice] = {}
    for invoice in sorted(book.invoices, key=repr):
        if invoice.id in invoices:
            warnings.append(f"invoice {invoice.id} is there twice and counts once")
        invoices.setdefault(invoice.id, invoice)
    invoiced = {invoice.deal for invoice in invoices.values() if invoice.deal}
    for deal in sorted(book.deals, key=repr):
        if deal.id in deals:
            warnings.append(f"deal {deal.id} is there twice and counts once")
        elif deal.id not in invoiced and rules.stage(deal.stage) not in ENDED:
            deals[deal.id] = deal
    opened = {key: one for key, one in invoices.items() if one.settled_on is None or one.settled_on > today}
    foreign = [LeftOut("deal", d.id, _other(d, currency)) for d in deals.values() if d.currency != currency]
    foreign += [LeftOut("invoice", i.id, _other(i, currency)) for i in opened.values() if i.currency != currency]
    return (
        sorted((deal for deal in deals.values() if deal.currency == currency), key=lambda d: d.id),
        sorted((invoice for invoice in opened.values() if invoice.currency == currency), key=lambda i: i.id),
        foreign,
    )


def _other(item: Deal | Invoice, currency: str) -> str:
    return f"in {item.currency}, not {currency}"


def _of_deal(deal: Deal, corrections: Corrections, ground: Ground) -> tuple[Prediction, Sequence[Pair]] | str:
    warnings: list[str] = []
    already = ground.assumptions.stage(deal.stage) == "invoiced"
    computed = invoiced_already(deal, ground) if already else invoice_outlook(deal, ground)
    invoice = corrections.invoice(deal.id, None if isinstance(computed, str) else computed, ground, warnings)
    if invoice is None:
        return str(computed)
    if deal.entered_on and deal.entered_on > ground.today:
        warnings.append(f"it enters its stage on {shown(deal.entered_on)}, after today")
    if invoice.middle <= 0:
        paid = invoice_paid(day_after(ground.today, invoice.middle), None, deal.customer, ground)
        pairs: list[Pair] = [(invoice.middle, draw) for draw in paid.draws]
    else:
        pairs, paid = paid_after(invoice, deal.customer, deal.id, ground)
    payment = corrections.payment("deal", deal.id, invoice, paid, ground, warnings)
    if payment is not paid:
        invoice, pairs = _paired(invoice, payment, ground)
    if not already:
        _check(invoice, ground, warnings)
    override = corrections.override("deal", deal.id)
    chance = sum(first is not None for first, _ in pairs) / len(pairs)
    pairs = _weighed(override, pairs, warnings)
    prediction = Prediction(
        kind="deal",
        id=deal.id,
        title=deal.title or deal.id,
        customer=deal.customer,
        stage=deal.stage,
        value=deal.value if override is None or override.amount is None else override.amount,
        chance=round(sum(first is not None for first, _ in pairs) / len(pairs), 4),
        invoice=invoice.timing(ground.today),
        payment=payment.timing(ground.today),
        warnings=tuple(warnings),
        by_hand=set_values(override, deal.value, chance, deal.currency),
    )
    return prediction, pairs


def _weighed(override: Override | None, pairs: list[Pair], warnings: list[str]) -> list[Pair]:
    if override is None or override.chance is None:
        return pairs
    if override.chance and all(payment is None for _, payment in pairs):
        warnings.append("a chance was set, but no case like this was ever paid: set a payment date too")
    return weighed(pairs, override.chance)


def _paired(invoice: Outlook, payment: Outlook, ground: Ground) -> tuple[Outlook, list[Pair]]:
    """Draws of both when the payment was set apart: the invoice then comes no later than the payment."""
    if invoice.middle > payment.middle:
        step = Step("Moved forward", "no later than the payment that was set")
        invoice = replace(invoice, middle=payment.middle, steps=(*invoice.steps, step))
    pairs: list[Pair] = []
    for first, then in zip(invoice.draws, payment.draws, strict=True):
        pairs.append((None, None) if first is None or then is None else (min(first, then), then))
    draws: list[Draw] = [first for first, _ in pairs]
    return replace(invoice, draws=draws), pairs


def _of_invoice(invoice: Invoice, corrections: Corrections, ground: Ground) -> tuple[Prediction, Sequence[Pair]]:
    warnings: list[str] = []
    if invoice.issued_on > ground.today:
        warnings.append(f"its invoice is dated {shown(invoice.issued_on)}, after today")
    if invoice.due_on and invoice.due_on < invoice.issued_on:
        warnings.append("it is due before it was issued; the usual terms count")
    if invoice.settled_on is not None:
        warnings.append(f"it is marked as paid on {shown(invoice.settled_on)}, after today; taken as open")
    step = Step("Invoice issued", shown(invoice.issued_on))
    issued = certain(invoice.issued_on, ground.today, ground.count, "rule", 1.0, step)
    paid = invoice_paid(invoice.issued_on, invoice.due_on, invoice.customer, ground, disputed=invoice.disputed)
    payment = corrections.payment("invoice", invoice.id, issued, paid, ground, warnings)
    if payment.middle < issued.middle:
        issued, _ = _paired(issued, payment, ground)
    override = corrections.override("invoice", invoice.id)
    pairs = _weighed(override, [(issued.middle, draw) for draw in payment.draws], warnings)
    prediction = Prediction(
        kind="invoice",
        id=invoice.id,
        title=invoice.id,
        customer=invoice.customer,
        stage="invoiced",
        value=invoice.amount if override is None or override.amount is None else override.amount,
        chance=round(sum(first is not None for first, _ in pairs) / len(pairs), 4),
        invoice=issued.timing(ground.today),
        payment=payment.timing(ground.today),
        warnings=tuple(warnings),
        by_hand=set_values(override, invoice.amount, 1.0, invoice.currency),
    )
    return prediction, pairs


def _check(invoice: Outlook, ground: Ground, warnings: list[str]) -> None:
    """An invoice to come lies after today and within a year."""
    if invoice.middle > ground.assumptions.farthest_days:
        warnings.append("its invoice is more than a year away")
    if invoice.middle < 1:
        warnings.append("its invoice is not after today")
