"""What a language model reads in the notes of deals about their dates; kept as rows that the forecast takes up.

It runs beside the forecast, never within it: a page shows what was read so far. A model that fails leaves the rest
unread, and the forecast stands on rules and history.
"""

import asyncio
import datetime
from collections.abc import Sequence
from uuid import UUID

from pydantic import field_validator

from csuite.deals.models import Deal, Note, Reading
from csuite.personas.cashbook import digest_of
from csuite.personas.cashflow import Prediction
from csuite.personas.forecasts import standing
from csuite.personas.quoting import quoted
from csuite.personas.writer import data
from csuite.personas.writer.contexts import DealContext
from csuite.personas.writer.contexts import Note as Noted
from csuite.personas.writer.drafting import MINIMAL, Author, Wanted, fill
from csuite.personas.writer.results import Form, Result
from csuite.tenants.db import in_db
from csuite.tenants.models import Tenant

PROMPT = "cashflow.predict_dates"
MOST = 200  # deals in one go
TOGETHER = 5
OUTCOME = "notes-read:{tenant}"  # in the cache: why the last reading stopped, "" if it did not
TOLD_FOR = 24 * 3600  # seconds
NOTES = 40  # of the newest, of one deal


class DatesForm(Form):
    invoice_date: datetime.date | None = None
    payment_date: datetime.date | None = None
    reasoning: str = ""

    @field_validator("invoice_date", "payment_date", mode="before")
    @classmethod
    def _none(cls, value: object) -> object:
        """Models say "null" or "rule" for what they leave as it is."""
        return None if isinstance(value, str) and value.strip().casefold() in ("", "null", "none", "rule") else value


class Unread:
    """A deal whose notes are to be read: plain values, so that no connection is held while a model reads."""

    __slots__ = ("context", "digest", "key", "rules")

    def __init__(self, key: UUID, digest: str, context: DealContext, rules: str) -> None:
        self.key, self.digest, self.context, self.rules = key, digest, context, rules


def unread(tenant: Tenant) -> list[Unread]:
    """The deals whose notes are to be read, in the tenant's scope; at most `MOST`."""
    state = standing(tenant)
    forecast = state.forecast(("", 365, "month", 0.0))
    known = {one.id: one for one in forecast.predictions if one.kind == "deal"}
    deals = Deal.objects.filter(pk__in=state.cashbook.unread[:MOST]).select_related("stage", "customer")
    return [_unread(deal, known.get(deal.reference)) for deal in deals]


def _unread(deal: Deal, known: Prediction | None) -> Unread:
    notes = list(Note.objects.filter(deal=deal).order_by("-written_on"))
    context = DealContext(
        title=str(deal),
        id=str(deal.pk),
        customer=deal.customer.name if deal.customer else "",
        stage=deal.stage.name,
        notes=[
            Noted(text=note.text[:4000], date=note.written_on, author=note.author)
            for note in notes[:NOTES]
            if note.text.strip()
        ],
    )
    if known is None:
        rules = "The rules give no date."
    else:
        rules = f"Invoice: {known.invoice.on.isoformat()}. Payment: {known.payment.on.isoformat()}."
    return Unread(deal.pk, digest_of(note.text for note in notes), context, rules)


async def read_notes(author: Author, deals: Sequence[Unread]) -> tuple[int, str]:
    """How many were read, and why no more in words, "" if all. Never raises for a model that fails."""
    done, why = 0, ""
    for start in range(0, len(deals), TOGETHER):
        found = await asyncio.gather(*(_read(author, one) for one in deals[start : start + TOGETHER]))
        done += sum(not failed for failed in found)
        why = next((failed for failed in found if failed), "")
        if why:
            break
    return done, why


async def _read(author: Author, one: Unread) -> str:
    """Why it was not read, else ""."""
    facts = data.of_deal(one.context)
    variables = {"rules": quoted(one.rules), "data": facts}
    filled = await fill(author, Wanted(PROMPT, "predict", DatesForm, variables, str(one.key)))
    if filled.form is None:
        return filled.made.warnings[0].removesuffix(MINIMAL).strip()
    await in_db(_keep, one, filled.form, filled.made, tenant=author.tenant)
    return ""


def _keep(one: Unread, form: DatesForm, made: Result) -> None:
    """A date before the invoice's is no date: the forecast's own checks say so in words."""
    if not Deal.objects.filter(pk=one.key).exists():
        return
    Reading.objects.update_or_create(
        deal_id=one.key,
        defaults={
            "digest": one.digest,
            "invoice_on": form.invoice_date,
            "payment_on": form.payment_date,
            "confidence": form.confidence,
            "reasoning": form.reasoning.replace("\0", "")[:2000],
            "model": made.model[:120],
            "prompt_version": made.prompt_version[:80],
        },
    )
