"""Decisions that wait: for an owner, or to be done by their day. Inside a tenant scope."""

from dataclasses import dataclass
from datetime import date

from django.db.models import F
from django.urls import NoReverseMatch, reverse

from csuite.conversations.models import Decision
from csuite.profiles import formatting, months

SHOWN = 4
OPEN = (Decision.Status.PROPOSED, Decision.Status.APPROVED)


@dataclass(frozen=True, slots=True)
class OpenDecision:
    """`url` is "" where decisions have no page."""

    text: str
    owner: str
    due: str
    late: bool
    url: str


def open_decisions(today: date) -> list[OpenDecision]:
    """Those due first; those without a day last."""
    rows = Decision.objects.filter(status__in=OPEN).select_related("owner")
    return [
        OpenDecision(
            text=str(row),
            owner=row.owner.display_name if row.owner else "",
            due=f"{row.due.day} {months.NAMES[row.due.month - 1][:3]}" if row.due else "",
            late=row.due is not None and row.due < today,
            url=address("decision", row.pk),
        )
        for row in rows.order_by(F("due").asc(nulls_last=True), "created_at")[:SHOWN]
    ]


def waiting() -> str:
    """`Two decisions are waiting for an owner.`; "" where none is."""
    count = Decision.objects.filter(owner=None, status__in=OPEN).count()
    if not count:
        return ""
    words = formatting.in_words(count).capitalize()
    return f"{words} decision{'s are' if count > 1 else ' is'} waiting for an owner."


def address(name: str, *args: object) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
