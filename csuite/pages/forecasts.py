"""What a figure of the cash forecast is made of, and what people expect instead."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from csuite.deals.models import Deal, Expectation, Invoice
from csuite.pages.cash import HORIZON, granularity, label
from csuite.personas.cashflow import Prediction
from csuite.personas.cashflow.tables import between
from csuite.personas.forecasts import Standing, standing
from csuite.personas.tasks import read_deal_notes
from csuite.profiles import formatting, months
from csuite.tenants.audit import record
from csuite.tenants.gate import member_required
from csuite.tenants.limits import take_chat
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.problems import Problem

PAGE = 50
YEAR = timedelta(days=365)
DECIDED = {"rule": "a rule", "history": "history", "model": "a note", "person": "a person"}


@dataclass(frozen=True, slots=True)
class Part:
    """What one deal or invoice brings to a period."""

    one: Prediction
    url: str
    share: str
    value: str
    when: str
    between: str
    decided: str


@require_safe
@member_required()
def period(request: MemberRequest, start: str) -> HttpResponse:
    """The deals and invoices of one week or month, those that bring most first, each with its steps."""
    by = granularity(request)
    state = standing(request.member.tenant)
    forecast = state.forecast(("", HORIZON[by], by, 0.0))
    place = next((n for n, bucket in enumerate(forecast.buckets) if bucket.start.isoformat() == start), None)
    if place is None:
        raise Problem("not_found", "There is no such period in the forecast.")
    bucket = forecast.buckets[place]
    shares = ((one, forecast.shares[one.kind, one.id][place]) for one in forecast.predictions)
    found = sorted(((one, share) for one, share in shares if share), key=lambda pair: (-pair[1], pair[0].id))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "name": label(bucket, by),
        "by": by,
        "bucket": bucket,
        "paid": formatting.exactly(bucket.paid, forecast.currency),
        "range": f"{formatting.money(bucket.low, forecast.currency)} and "
        f"{formatting.money(bucket.high, forecast.currency)}",
        "parts": [_part(one, share, state) for one, share in page],
        "page": page,
    }
    return render(request, "pages/forecast_period.html", context)


def _part(one: Prediction, share: Decimal, state: Standing) -> Part:
    key = state.cashbook.keys[one.kind, one.id]
    return Part(
        one,
        reverse(f"forecast_{one.kind}", args=[key]),
        formatting.exactly(formatting.rounded(share, 0), state.currency),
        formatting.exactly(one.value, state.currency),
        months.day(one.payment.on),
        between(one.payment),
        _decided(one),
    )


def _decided(one: Prediction) -> str:
    """What decided the invoice's date, and the payment's if that was something else."""
    first, then = DECIDED[one.invoice.decided_by], DECIDED[one.decided_by]
    return then if one.kind == "invoice" or first == then else f"{first}, then {then}"


class ExpectationForm(forms.Form):
    """What is left empty is computed. `warnings` are doubts in words; they do not keep anybody from saving."""

    payment_on = forms.DateField(label="Payment expected on", required=False, widget=forms.DateInput({"type": "date"}))
    amount = forms.DecimalField(label="Amount expected", required=False, max_digits=15, decimal_places=2, min_value=0)
    chance = forms.IntegerField(label="Chance that it comes, percent", required=False, min_value=0, max_value=100)
    reason = forms.CharField(label="Why", max_length=300)

    def __init__(self, *args: Any, today: date, invoiced: date | None, **kwargs: Any) -> None:
        """`invoiced`: the day of the invoice; None for a deal, whose own can then be set."""
        super().__init__(*args, **kwargs)
        self.today, self.invoiced = today, invoiced
        self.warnings: list[str] = []
        if invoiced is None:
            field = forms.DateField(
                label="Invoice expected on", required=False, widget=forms.DateInput({"type": "date"})
            )
            self.fields = {"invoice_on": field, **self.fields}

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        for name in ("invoice_on", "payment_on"):
            day = said.get(name)
            if day and day <= self.today:
                self.add_error(name, "This day must lie after today.")
            elif day and day > self.today + YEAR:
                self.warnings.append(f"{months.day(day)} is more than a year away.")
        paid, billed = said.get("payment_on"), said.get("invoice_on") or self.invoiced
        if paid and billed and paid < billed:
            self.add_error("payment_on", f"A payment cannot come before its invoice of {months.day(billed)}.")
        if not self.errors and all(said.get(name) is None for name in said if name != "reason"):
            self.add_error(None, "Say at least one thing that you expect.")
        return said


@require_http_methods(["GET", "HEAD", "POST"])
@member_required()
def deal(request: MemberRequest, deal: UUID) -> HttpResponse:
    """How a deal's dates came about, and what somebody expects instead."""
    found: Deal | None = Deal.objects.filter(pk=deal).select_related("stage", "customer").first()
    if found is None:
        raise Problem("not_found", "There is no such deal.")
    return _page(request, found)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required()
def invoice(request: MemberRequest, invoice: UUID) -> HttpResponse:
    """The same of an invoice's payment."""
    found: Invoice | None = Invoice.objects.filter(pk=invoice).select_related("customer").first()
    if found is None:
        raise Problem("not_found", "There is no such invoice.")
    return _page(request, found)


def _page(request: MemberRequest, item: Deal | Invoice) -> HttpResponse:
    kind = "deal" if isinstance(item, Deal) else "invoice"
    today = request.member.tenant.today()
    invoiced = item.issued_on if isinstance(item, Invoice) else None
    rows = list(item.expectations.select_related("made_by", "undone_by"))
    counts = next((row for row in rows if row.undone_at is None), None)
    status = 200
    if request.method == "POST":
        form = ExpectationForm(request.POST, today=today, invoiced=invoiced)
        if form.is_valid():
            _keep(request, item, form)
            return redirect(f"forecast_{kind}", item.pk)
        status = 400
    else:
        form = ExpectationForm(initial=_initial(counts), today=today, invoiced=invoiced)
    context = {
        "item": item,
        "kind": kind,
        "form": form,
        "rows": rows,
        "counts": counts,
        "currency": item.currency,
        **_told(request, item, kind),
    }
    return render(request, "pages/forecast_item.html", context, status=status)


def _told(request: MemberRequest, item: Deal | Invoice, kind: str) -> dict[str, Any]:
    state = standing(request.member.tenant)
    forecast = state.forecast(("", HORIZON["week"], "week", 0.0))
    name = item.reference if isinstance(item, Deal) else item.number
    one = next((p for p in forecast.predictions if (p.kind, p.id) == (kind, name)), None)
    why = next((out.reason for out in forecast.left_out if (out.kind, out.id) == (kind, name)), "")
    if one is None and not why and name in state.cashbook.unvalued:
        why = "its value is not known"
    if one is None:
        return {"one": None, "why": why or "it is finished, or its invoices stand for it"}
    return {
        "one": one,
        "value": formatting.exactly(one.value, state.currency),
        "chance": f"{one.chance:.0%}",
        "invoice_day": months.day(one.invoice.on),
        "payment_day": months.day(one.payment.on),
        "between": between(one.payment),
        "decided": _decided(one),
    }


def _initial(row: Expectation | None) -> dict[str, Any]:
    if row is None:
        return {}
    chance = None if row.chance is None else round(row.chance * 100)
    return {"invoice_on": row.invoice_on, "payment_on": row.payment_on, "amount": row.amount, "chance": chance}


def _keep(request: MemberRequest, item: Deal | Invoice, form: ExpectationForm) -> None:
    said = form.cleaned_data
    chance = said["chance"]
    row = Expectation(
        invoice_on=said.get("invoice_on"),
        payment_on=said["payment_on"],
        amount=said["amount"],
        chance=None if chance is None else Decimal(chance) / 100,
        reason=said["reason"],
        made_by=request.user,
    )
    if isinstance(item, Deal):
        row.deal = item
    else:
        row.invoice = item
    row.save()
    record("expectation.set", user=request.user, target=str(item.pk), name=str(item), reason=row.reason)
    messages.success(request, "Kept. The forecast counts with it from now on.")
    for warning in form.warnings:
        messages.warning(request, warning)


@require_POST
@member_required()
def notes(request: MemberRequest) -> HttpResponse:
    """Has the notes of deals read by a model, beside the forecast and not within it."""
    take_chat(request.member)
    tenant, user = str(request.member.tenant_id), str(request.user.pk)
    transaction.on_commit(lambda: read_deal_notes.delay(tenant, user))
    messages.success(request, "The notes are being read. The forecast takes up what is found; look again in a minute.")
    return redirect("pipeline")


@require_POST
@member_required()
def undo(request: MemberRequest, expectation: UUID) -> HttpResponse:
    """Takes one back: what was set before it counts again. Taken back twice is taken back."""
    row: Expectation | None = Expectation.objects.filter(pk=expectation).first()
    if row is None:
        raise Problem("not_found", "There is no such entry.")
    if row.undone_at is None:
        row.undone_at, row.undone_by = timezone.now(), request.user
        row.save(update_fields=["undone_at", "undone_by"])
        record("expectation.undone", user=request.user, target=str(row.deal_id or row.invoice_id), reason=row.reason)
    messages.success(request, "Taken back. What was set before counts again, else what is computed.")
    return redirect("forecast_deal", row.deal_id) if row.deal_id else redirect("forecast_invoice", row.invoice_id)
