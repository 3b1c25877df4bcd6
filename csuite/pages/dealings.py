"""What the writer is told of a deal or an invoice. In the tenant's scope."""

from collections.abc import Sequence
from datetime import date

from csuite.deals.models import Deal, Invoice, Note
from csuite.personas.writer.contexts import DealContext, InvoiceContext
from csuite.personas.writer.contexts import Note as Noted
from csuite.profiles import formatting

NOTES = 10  # of the newest, with an invoice
NOTES_OF_DEAL = 40
BILLS = 20


def deal_context(deal: Deal, today: date) -> DealContext:
    """`deal` with its stage, customer and seller at hand."""
    bills = deal.invoices.order_by("-issued_on")[:BILLS]
    return DealContext(
        id=str(deal.pk),
        title=str(deal),
        customer=deal.customer.name if deal.customer else "",
        pipeline=deal.stage.pipeline.name,
        stage=deal.stage.name,
        owner=deal.seller.name if deal.seller else "",
        value="" if deal.value is None else formatting.exactly(deal.value, deal.currency),
        days_in_stage=max(0, min(10_000, (today - deal.entered_on).days)) if deal.entered_on else None,
        issue=f"Expected to be won on {deal.expected_on.isoformat()}" if deal.expected_on else "",
        notes=_noted(list(deal.notes.order_by("-written_on")[:NOTES_OF_DEAL])),
        invoices=[_bill(bill, today) for bill in bills],
    )


def invoice_context(invoice: Invoice, today: date) -> DealContext:
    """One invoice and its deal, with what was noted about the invoice."""
    return DealContext(
        id=str(invoice.deal_id or ""),
        title=str(invoice.deal) if invoice.deal else f"Invoice {invoice.number}",
        customer=invoice.customer.name,
        stage=invoice.deal.stage.name if invoice.deal else "",
        issue=f"Payment promised for {invoice.promised_on.isoformat()}" if invoice.promised_on else "",
        notes=_noted(list(invoice.notes.order_by("-written_on")[:NOTES])),
        invoices=[_bill(invoice, today)],
    )


def _bill(invoice: Invoice, today: date) -> InvoiceContext:
    late = (today - invoice.due_on).days
    return InvoiceContext(
        number=invoice.number,
        amount=formatting.exactly(invoice.amount, invoice.currency),
        issued=invoice.issued_on,
        due=invoice.due_on,
        days_overdue=min(late, 10_000) if late > 0 and invoice.settled_on is None else None,
        remark="disputed by the customer" if invoice.disputed else "",
    )


def _noted(notes: Sequence[Note]) -> list[Noted]:
    return [Noted(text=note.text[:4000], date=note.written_on, author=note.author) for note in notes if note.text]
