"""Contexts as the data block of a prompt: one fact a line, and nothing in it can close the block or give an order."""

from collections.abc import Iterable, Iterator

from csuite.personas.quoting import quoted
from csuite.personas.writer.contexts import DealContext, EmailContext, InvoiceContext, Note, NotesContext

NOTE_CAP = 1500  # characters of one note that a model is shown


def of_deal(deal: DealContext) -> str:
    return "\n".join(_deal(deal))


def of_email(context: EmailContext) -> str:
    parts = [of_deal(deal) for deal in context.deals]
    if context.source:
        parts.append("\n".join(["Written before, by one of the officers:", *_lines(context.source)]))
    return "\n\n".join(parts) or "Nothing but the request."


def of_notes(context: NotesContext) -> str:
    title = [f"About: {quoted(context.title)}"] if context.title else []
    return "\n".join([*title, *_notes(context.notes)])


def _deal(deal: DealContext) -> Iterator[str]:
    named = {
        "Deal": deal.title,
        "Customer": deal.customer,
        "Pipeline": deal.pipeline,
        "Stage": deal.stage,
        "Owner": deal.owner,
        "Value": deal.value,
        "Days in this stage": "" if deal.days_in_stage is None else str(deal.days_in_stage),
        "Issue": deal.issue,
    }
    yield from (f"{name}: {quoted(value, NOTE_CAP)}" for name, value in named.items() if value)
    yield from (_invoice(invoice) for invoice in deal.invoices)
    yield from _notes(deal.notes)


def _invoice(invoice: InvoiceContext) -> str:
    parts = [f"Invoice {quoted(invoice.number)}"]
    if invoice.amount:
        parts.append(quoted(invoice.amount))
    if invoice.issued:
        parts.append(f"issued {invoice.issued.isoformat()}")
    if invoice.due:
        parts.append(f"due {invoice.due.isoformat()}")
    if invoice.days_overdue is not None:
        parts.append(f"{invoice.days_overdue} days overdue")
    if invoice.remark:
        parts.append(quoted(invoice.remark))
    return ", ".join(parts)


def _notes(notes: Iterable[Note]) -> Iterator[str]:
    for note in notes:
        who = " by " + quoted(note.author) if note.author else ""
        when = f" of {note.date.isoformat()}" if note.date else ""
        yield f"Note{when}{who}: {quoted(note.text, NOTE_CAP)}"


def _lines(text: str) -> Iterator[str]:
    return (quoted(line, NOTE_CAP) for line in text.splitlines() if line.strip())
