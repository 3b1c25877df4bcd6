"""What was known at the end of a day: later facts are hidden, so that a test of the past cannot look ahead."""

from dataclasses import replace
from datetime import date

from csuite.personas.cashflow.facts import Book, Invoice, Spell


def as_of(book: Book, day: date) -> Book:
    """The book as it stood at the end of `day`. Deals are the caller's, as they stand in one moment alone."""
    invoices = tuple(_invoice(invoice, day) for invoice in book.invoices if invoice.issued_on <= day)
    spells = tuple(_spell(spell, day) for spell in book.spells if spell.entered_on <= day)
    return Book(book.deals, invoices, spells)


def _invoice(invoice: Invoice, day: date) -> Invoice:
    if invoice.settled_on is None or invoice.settled_on <= day:
        return invoice
    # when the dispute became known: its day, else no earlier than the payment that we hide
    known = invoice.disputed and invoice.disputed_on is not None and invoice.disputed_on <= day
    return replace(invoice, settled_on=None, disputed=known, disputed_on=invoice.disputed_on if known else None)


def _spell(spell: Spell, day: date) -> Spell:
    if spell.ended_on is None or spell.ended_on <= day:
        return spell
    return replace(spell, ended_on=None, outcome=None)
