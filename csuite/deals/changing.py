"""Deals and invoices written by hand or by a program: each change is kept with who and when. In the tenant's scope."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from csuite.deals.importing import folded
from csuite.deals.models import Change, Customer, Deal, Invoice, Note, Pipeline, Seller, Stage, StageEntry
from csuite.deals.signals import changed
from csuite.tenants.audit import difference
from csuite.tenants.models import Membership

N = TypeVar("N", Customer, Seller)
CREATED = "Created"
NAMES = {
    "reference": "Reference", "title": "Title", "stage": "Stage", "customer": "Customer", "seller": "Owner",
    "value": "Value", "opened_on": "Opened on", "entered_on": "In its stage since", "closed_on": "Closed on",
    "expected_on": "Expected to be won on",
}  # fmt: skip
INVOICE_NAMES = {
    "number": "Invoice", "customer": "Customer", "issued_on": "Issued on", "due_on": "Due on", "amount": "Amount",
    "settled_on": "Paid on", "disputed": "Disputed", "promised_on": "Promised for",
}  # fmt: skip


class Stale(Exception):
    """The row is another one than the writer has seen. `row`: as it is now."""

    def __init__(self, row: Deal | Invoice) -> None:
        super().__init__("Somebody changed it meanwhile.")
        self.row = row


class Refused(Exception):
    """`field` is the name of the field that cannot be so, `str()` says why."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


@dataclass(frozen=True, slots=True)
class Terms:
    """Of a deal; what is None or "" is not known. customer, seller: names, made when they are new."""

    title: str
    customer: str
    seller: str
    value: Decimal | None
    opened_on: date | None
    expected_on: date | None


@dataclass(frozen=True, slots=True)
class Bill:
    """Of an invoice."""

    number: str
    customer: str
    issued_on: date
    due_on: date
    amount: Decimal
    settled_on: date | None = None
    promised_on: date | None = None
    disputed: bool = False


def add_deal(member: Membership, terms: Terms, stage: Stage, since: date, reference: str = "") -> Deal:
    """Raises Refused where there is a deal of that reference."""
    deal = Deal(reference=reference or f"D-{uuid4().hex[:8].upper()}", currency=member.tenant.currency)
    deal.stage, deal.entered_on = stage, since
    deal.closed_on = since if stage.kind != Stage.Kind.OPEN else None
    _set_terms(deal, terms)
    try:
        with transaction.atomic():
            deal.save()
    except IntegrityError:
        raise Refused("reference", f"There is a deal {deal.reference} already.") from None
    StageEntry.objects.create(deal=deal, stage=stage, entered_on=since)
    _keep(member, {}, {CREATED: "yes", **of_deal(deal)}, deal=deal)
    return deal


def change_deal(member: Membership, deal_id: UUID, version: int, terms: Terms) -> Deal:
    """Raises Stale where `version` is not the deal's any more."""
    deal = _held(Deal, deal_id, version)
    before = of_deal(deal)
    _set_terms(deal, terms)
    return _saved(member, deal, before)


def move_deal(member: Membership, deal_id: UUID, version: int, stage: Stage, since: date) -> Deal:
    """Into a stage, on a day; into the one it is in: since another day. Won and lost are stages too.

    Raises Stale and Refused.
    """
    deal = _held(Deal, deal_id, version)
    before = of_deal(deal)
    stays = StageEntry.objects.filter(deal=deal)
    if stage.pk == deal.stage_id:
        stays.filter(stage=stage, entered_on=deal.entered_on).delete()
    last = stays.order_by("-entered_on").values_list("entered_on", flat=True).first()
    if last is not None and since < last:
        raise Refused("since", f"It came into an earlier stage only on {last.isoformat()}.")
    StageEntry.objects.get_or_create(deal=deal, stage=stage, entered_on=since)
    deal.stage, deal.entered_on = stage, since
    deal.closed_on = since if stage.kind != Stage.Kind.OPEN else None
    return _saved(member, deal, before)


def _set_terms(deal: Deal, terms: Terms) -> None:
    deal.title, deal.value = terms.title, terms.value
    deal.opened_on, deal.expected_on = terms.opened_on, terms.expected_on
    deal.customer, deal.seller = named(Customer, terms.customer), named(Seller, terms.seller)


def _saved(member: Membership, deal: Deal, before: Mapping[str, str]) -> Deal:
    was, now = difference(before, of_deal(deal))
    if was or now:
        deal.save()
        deal.refresh_from_db(fields=["version"])
        _keep(member, was, now, deal=deal)
    return deal


def end_stage(pipeline: Pipeline, kind: Stage.Kind) -> Stage:
    """Where won or lost deals of this pipeline go; made where there is none."""
    found: Stage | None = Stage.objects.filter(pipeline=pipeline, kind=kind).order_by("position").first()
    if found is None:
        last = Stage.objects.filter(pipeline=pipeline).order_by("-position").values_list("position", flat=True).first()
        found, _ = Stage.objects.get_or_create(
            pipeline=pipeline, name=kind.label, defaults={"kind": kind, "position": (last or 0) + 1}
        )
    return found


def add_note(member: Membership, deal: Deal, text: str) -> Note:
    author = member.user.display_name[:160]
    made: Note = Note.objects.create(deal=deal, written_on=member.tenant.today(), author=author, text=text)
    _keep(member, {}, {"Note": text[:200]}, deal=deal)
    return made


def add_invoice(member: Membership, bill: Bill, deal: Deal | None) -> Invoice:
    """Raises Refused."""
    if Invoice.objects.filter(number=bill.number).exists():
        raise Refused("number", f"There is an invoice {bill.number} already.")
    invoice = Invoice(deal=deal, currency=member.tenant.currency)
    _set_bill(invoice, bill)
    invoice.save()
    _keep(member, {}, {CREATED: "yes", **of_invoice(invoice)}, deal=deal, invoice=invoice)
    return invoice


def change_invoice(member: Membership, invoice_id: UUID, version: int, bill: Bill) -> Invoice:
    """Raises Stale and Refused."""
    invoice = _held(Invoice, invoice_id, version)
    before = of_invoice(invoice)
    if bill.number != invoice.number and Invoice.objects.filter(number=bill.number).exists():
        raise Refused("number", f"There is an invoice {bill.number} already.")
    _set_bill(invoice, bill)
    was, now = difference(before, of_invoice(invoice))
    if was or now:
        invoice.save()
        _keep(member, was, now, deal=invoice.deal, invoice=invoice)
    return invoice


def _set_bill(invoice: Invoice, bill: Bill) -> None:
    if bill.due_on < bill.issued_on:
        raise Refused("due_on", "It is before the invoice was issued.")
    if bill.settled_on is not None and bill.settled_on < bill.issued_on:
        raise Refused("settled_on", "It is before the invoice was issued.")
    customer = named(Customer, bill.customer)
    if customer is None:
        raise Refused("customer", "An invoice needs a customer.")
    invoice.customer = customer
    invoice.number, invoice.amount, invoice.disputed = bill.number, bill.amount, bill.disputed
    invoice.issued_on, invoice.due_on = bill.issued_on, bill.due_on
    invoice.settled_on, invoice.promised_on = bill.settled_on, bill.promised_on


def named(model: type[N], name: str) -> N | None:
    """The customer or owner of that name, however it is written; made where there is none. "" is nobody."""
    if not (wanted := folded(name)):
        return None
    rows = model.objects.values_list("name", "pk")
    found = next((key for there, key in rows if folded(there) == wanted), None)
    row: N = model.objects.create(name=name) if found is None else model.objects.get(pk=found)
    return row


def of_deal(deal: Deal) -> dict[str, str]:
    """What can be changed, by its names for people; only what is known."""
    return _texts(deal, NAMES)


def of_invoice(invoice: Invoice) -> dict[str, str]:
    return _texts(invoice, INVOICE_NAMES)


def _texts(row: Deal | Invoice, names: Mapping[str, str]) -> dict[str, str]:
    return {label: _text(value) for name, label in names.items() if (value := getattr(row, name)) not in (None, "")}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:,.2f}".removesuffix(".00")
    return value.isoformat() if isinstance(value, date) else str(value)


R = TypeVar("R", Deal, Invoice)


def _held(model: type[R], key: UUID, version: int) -> R:
    """The row, locked. Raises Stale."""
    row: R = model.objects.select_for_update().get(pk=key)
    if row.version != version:
        raise Stale(row)
    return row


def _keep(
    member: Membership,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    deal: Deal | None,
    invoice: Invoice | None = None,
) -> None:
    Change.objects.create(deal=deal, invoice=invoice, user=member.user, before=before, after=after)
    transaction.on_commit(partial(changed.send, None, tenant=member.tenant_id))
