"""A deal's dossier from its rows. Needs an open tenant scope."""

from collections.abc import Callable, Iterable
from datetime import date
from uuid import UUID

from csuite.deals.models import Deal, Note, Stage
from csuite.personas.analysis.dossier import Bill, Dossier, Source
from csuite.personas.cashflow import Assumptions
from csuite.tenants.problems import Problem

Written = tuple[date | None, str, str, str]  # day, kind, author, text


def notes(deal: Deal) -> Iterable[Written]:
    rows = Note.objects.filter(deal=deal) | Note.objects.filter(invoice__deal=deal)
    return [(row.written_on, "note", row.author, row.text) for row in rows.order_by("-written_on") if row.text.strip()]


# Where sources come from. Documents of a deal are added here, as another function of the deal.
SOURCES: list[Callable[[Deal], Iterable[Written]]] = [notes]


def deal_of(deal: UUID) -> Deal:
    """Raises Problem for one that is not this company's."""
    found: Deal | None = Deal.objects.filter(pk=deal).select_related("stage", "customer", "seller").first()
    if found is None:
        raise Problem("not_found", "There is no such deal.")
    return found


def read_dossier(deal: Deal, today: date) -> Dossier:
    written = sorted((one for give in SOURCES for one in give(deal)), key=lambda one: one[0] or date.min, reverse=True)
    stage: Stage = deal.stage
    return Dossier(
        id=str(deal.pk),
        title=str(deal),
        stage=stage.name,
        today=today,
        is_open=stage.kind == Stage.Kind.OPEN,
        customer=deal.customer.name if deal.customer else "",
        owner=deal.seller.name if deal.seller else "",
        value=deal.value,
        currency=deal.currency,
        entered_on=deal.entered_on,
        usual_days=stage.days or Assumptions().cycle(stage.name) or None,
        bills=tuple(
            Bill(row.number, row.amount, row.currency, row.due_on, row.settled_on, row.disputed, row.promised_on)
            for row in deal.invoices.order_by("due_on")
        ),
        sources=tuple(
            Source(number, kind, text, day, author) for number, (day, kind, author, text) in enumerate(written, 1)
        ),
    )
