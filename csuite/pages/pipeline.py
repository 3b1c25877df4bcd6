"""The pipeline: open deals by stage, the deals themselves, and invoices that are late."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from csuite.deals.models import Deal, Seller
from csuite.deals.standing import LONG, LateInvoice, Sieve, StageSum, late_invoices, open_deals, stage_sums
from csuite.pages.cash import forecast_of
from csuite.profiles import formatting, months
from csuite.tenants.gate import member_required
from csuite.tenants.middleware import MemberRequest

PAGE = 50
OVERDUE = 21  # days after which a late invoice is shown in red


@dataclass(frozen=True, slots=True)
class StageLine:
    """One stage of the strip. `width`: of its bar, 0 to 100."""

    name: str
    total: str
    deals: str
    days: int | None
    late: int
    width: int
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class DealLine:
    deal: Deal
    value: str
    days: int | None
    slow: bool


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    late: LateInvoice
    amount: str
    habit: str
    contact: str
    bad: bool
    promised: bool


@require_safe
@member_required()
def pipeline(request: MemberRequest) -> HttpResponse:
    tenant = request.member.tenant
    today = tenant.today()
    sieve = Sieve(_id(request, "stage"), _id(request, "seller"), request.GET.get("age") == "slow")
    sums = stage_sums(tenant.currency, today)
    late = late_invoices(today)
    page = Paginator(open_deals(sieve, today), PAGE).get_page(request.GET.get("page"))
    context = {
        "cash": forecast_of(request),
        "intro": _intro(sums, tenant.currency, today),
        "stages": _stages(sums, sieve, tenant.currency),
        "deals": [_deal(deal, today) for deal in page],
        "page": page,
        "sieve": sieve,
        "sellers": list(Seller.objects.filter(deals__stage__kind="open").distinct()),
        "filtered": bool(sieve.stage or sieve.seller or sieve.slow),
        "query": urlencode(_query(sieve)),
        "long": LONG,
        "late": [_invoice(one) for one in late],
        "late_total": formatting.exactly(sum((one.invoice.amount for one in late), Decimal(0)), tenant.currency),
        "mixed": len({one.invoice.currency for one in late} | {tenant.currency}) > 1,
    }
    return render(request, "pages/pipeline.html", context)


def _id(request: MemberRequest, name: str) -> UUID | None:
    """None for what is no id: a filter that means nothing filters nothing."""
    try:
        return UUID(request.GET.get(name, ""))
    except ValueError:
        return None


def _query(sieve: Sieve) -> dict[str, Any]:
    said = {"stage": sieve.stage, "seller": sieve.seller, "age": "slow" if sieve.slow else None}
    return {name: value for name, value in said.items() if value}


def _intro(sums: list[StageSum], currency: str, today: date) -> str:
    deals, unknown = sum(line.deals for line in sums), sum(line.unknown for line in sums)
    worth = formatting.money(sum((line.total for line in sums), Decimal(0)), currency)
    without = f", {unknown} of them without a value in {currency}" if unknown else ""
    return f"{deals:,} open deal{'' if deals == 1 else 's'} worth {worth}{without}, {months.day(today)}."


def _stages(sums: list[StageSum], sieve: Sieve, currency: str) -> list[StageLine]:
    largest = max((line.total for line in sums), default=Decimal(0)) or Decimal(1)
    return [
        StageLine(
            name=line.stage.name,
            total=formatting.thousands(line.total, currency),
            deals=f"{line.deals:,} deal{'' if line.deals == 1 else 's'}",
            days=line.stage.days,
            late=line.late,
            width=round(line.total / largest * 100),
            url="?" + urlencode(_query(Sieve(None if chosen else line.stage.pk, sieve.seller, sieve.slow))),
            chosen=chosen,
        )
        for line in sums
        for chosen in [line.stage.pk == sieve.stage]
    ]


def _deal(deal: Deal, today: date) -> DealLine:
    days = (today - deal.entered_on).days if deal.entered_on else None
    value = "" if deal.value is None else formatting.exactly(deal.value, deal.currency)
    return DealLine(deal, value, days, days is not None and days > LONG)


def _invoice(one: LateInvoice) -> InvoiceLine:
    invoice, note = one.invoice, one.note
    said = f"{note.text}, {note.written_on.day} {months.NAMES[note.written_on.month - 1][:3]}" if note else "None"
    promised = invoice.promised_on
    if promised:
        said = f"Promised for {promised.day} {months.NAMES[promised.month - 1][:3]}"
    return InvoiceLine(
        one,
        formatting.exactly(invoice.amount, invoice.currency),
        _habit(one.habit),
        said,
        one.days > OVERDUE,
        bool(promised),
    )


def _habit(days: int | None) -> str:
    if days is None:
        return "Not known yet"
    return f"{days} day{'' if days == 1 else 's'} late" if days > 0 else "On time"
