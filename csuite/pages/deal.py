"""A deal: how it came here, what was noted and invoiced, and the forms that change it."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from csuite.deals import changing
from csuite.deals.changing import Refused, Stale
from csuite.deals.forms import DealForm, InvoiceForm, NewDealForm, NoteForm, StageForm, stage_choices, stage_of
from csuite.deals.models import Change, Customer, Deal, Invoice, Seller, Stage
from csuite.deals.standing import LONG
from csuite.pages.analysis import panel
from csuite.profiles import formatting
from csuite.tenants.gate import member_required
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.problems import Problem

CHANGES = 30  # of the newest that are shown
TERMS = 30  # days until an invoice is due, as a start


@dataclass(frozen=True, slots=True)
class Stay:
    """One stage of a deal's way. `days` in it; `usual`: what such a deal takes; `now`: it is there."""

    name: str
    since: date
    days: int
    usual: int | None
    now: bool

    @property
    def slow(self) -> bool:
        return self.days > (LONG if self.usual is None else self.usual)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required()
def new_deal(request: MemberRequest) -> HttpResponse:
    """A form for a deal that is not there yet."""
    tenant = request.member.tenant
    stages = stage_choices()
    start = {"since": tenant.today(), "opened_on": tenant.today(), "seller": ""}
    form = NewDealForm(_posted(request), initial=start, currency=tenant.currency, stages=stages)
    if request.method == "POST" and form.is_valid():
        stage = stage_of(form.cleaned_data["stage"])
        assert isinstance(stage, Stage)  # a new deal is offered stages that are there
        try:
            deal = changing.add_deal(
                request.member, form.terms(), stage, form.cleaned_data["since"], form.cleaned_data["reference"]
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, f"{deal} is in the pipeline.")
            return redirect("deal", deal.pk)
    page = {"form": form, "stages": stages, **_names()}
    return render(request, "pages/deal_new.html", page, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required()
def deal(request: MemberRequest, deal: UUID) -> HttpResponse:
    """The page of a deal; a POST changes its terms."""
    found = _deal(deal)
    if request.method != "POST":
        return _page(request, found)
    form = DealForm(request.POST, currency=found.currency)
    if not form.is_valid():
        return _page(request, found, 400, form=form)
    try:
        changing.change_deal(request.member, found.pk, form.cleaned_data["version"] or 0, form.terms())
    except Stale:
        return _overtaken(request, found.pk, form=form)
    messages.success(request, "The deal is changed.")
    return redirect("deal", found.pk)


@require_POST
@member_required()
def stage(request: MemberRequest, deal: UUID) -> HttpResponse:
    """Moves it; won and lost are stages."""
    found = _deal(deal)
    form = StageForm(request.POST, currency=found.currency, stages=stage_choices(found.stage.pipeline))
    if not form.is_valid():
        return _page(request, found, 400, stage_form=form)
    wanted = stage_of(form.cleaned_data["stage"])
    if not isinstance(wanted, Stage):
        wanted = changing.end_stage(found.stage.pipeline, wanted)
    try:
        changing.move_deal(
            request.member, found.pk, form.cleaned_data["version"] or 0, wanted, form.cleaned_data["since"]
        )
    except Stale:
        return _overtaken(request, found.pk, stage_form=form)
    except Refused as refused:
        form.refuse(refused)
        return _page(request, found, 400, stage_form=form)
    messages.success(request, f"The deal is in {wanted.name}.")
    return redirect("deal", found.pk)


@require_POST
@member_required()
def note(request: MemberRequest, deal: UUID) -> HttpResponse:
    found = _deal(deal)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, found, 400, note_form=form)
    changing.add_note(request.member, found, form.cleaned_data["text"])
    return redirect("deal", found.pk)


@require_POST
@member_required()
def add_invoice(request: MemberRequest, deal: UUID) -> HttpResponse:
    found = _deal(deal)
    form = InvoiceForm(request.POST, currency=request.member.tenant.currency)
    if not form.is_valid():
        return _page(request, found, 400, invoice_form=form)
    try:
        made = changing.add_invoice(request.member, form.bill(), found)
    except Refused as refused:
        form.refuse(refused)
        return _page(request, found, 400, invoice_form=form)
    messages.success(request, f"Invoice {made.number} is there.")
    return redirect("deal", found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required()
def invoice(request: MemberRequest, invoice: UUID) -> HttpResponse:
    """One invoice; a POST changes it, with `paid` it is paid on the day that is given."""
    found: Invoice | None = Invoice.objects.filter(pk=invoice).select_related("customer", "deal").first()
    if found is None:
        raise Problem("not_found", "There is no such invoice.")
    if request.method != "POST":
        return _invoice_page(request, found, InvoiceForm.of(found))
    form = InvoiceForm(request.POST, currency=found.currency)
    if not form.is_valid():
        return _invoice_page(request, found, form, 400)
    try:
        changing.change_invoice(request.member, found.pk, form.cleaned_data["version"] or 0, form.bill())
    except Stale as stale:
        found.refresh_from_db()
        again = _with_version(form, stale.row.version)
        return _invoice_page(request, found, again, 409, overtaken=_last(invoice=found))
    except Refused as refused:
        form.refuse(refused)
        return _invoice_page(request, found, form, 400)
    messages.success(request, f"Invoice {form.cleaned_data['number']} is changed.")
    return redirect("invoice", found.pk)


def _invoice_page(
    request: MemberRequest, found: Invoice, form: InvoiceForm, status: int = 200, **more: Any
) -> HttpResponse:
    page = {
        "invoice": found,
        "amount": formatting.exactly(found.amount, found.currency),
        "late": found.settled_on is None and found.due_on < request.member.tenant.today(),
        "form": form,
        "changes": list(found.changes.select_related("user")[:CHANGES]),
        **_names(),
        **more,
    }
    return render(request, "pages/invoice.html", page, status=status)


def _deal(key: UUID) -> Deal:
    rows = Deal.objects.select_related("stage__pipeline", "customer", "seller", "product")
    found: Deal | None = rows.filter(pk=key).first()
    if found is None:
        raise Problem("not_found", "There is no such deal.")
    return found


def _posted(request: MemberRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _overtaken(request: MemberRequest, key: UUID, **forms: Any) -> HttpResponse:
    """Somebody was quicker: what was typed stays, beside what the deal says now."""
    found = _deal(key)
    again = {name: _with_version(form, found.version) for name, form in forms.items()}
    return _page(request, found, 409, overtaken=_last(deal=found), **again)


def _with_version(form: Any, version: int) -> Any:
    """The same form, that would overwrite on purpose."""
    form.data = form.data.copy()
    form.data["version"] = str(version)
    return form


def _last(**of: Any) -> dict[str, Any]:
    """{"change": the newest one, if a person made it}"""
    return {"change": Change.objects.filter(**of).select_related("user").first()}


def _page(request: MemberRequest, found: Deal, status: int = 200, **more: Any) -> HttpResponse:
    today = request.member.tenant.today()
    page = {
        "deal": found,
        "value": "" if found.value is None else formatting.exactly(found.value, found.currency),
        "stays": stays(found, today),
        "notes": list(found.notes.all()),
        "invoices": [
            (one, formatting.exactly(one.amount, one.currency), one.settled_on is None and one.due_on < today)
            for one in found.invoices.select_related("customer")
        ],
        "changes": list(found.changes.select_related("user", "invoice")[:CHANGES]),
        "form": DealForm.of(found, found.currency),
        "stage_form": StageForm(
            initial={"stage": str(found.stage_id), "since": today, "version": found.version},
            currency=found.currency,
            stages=stage_choices(found.stage.pipeline),
        ),
        "note_form": NoteForm(),
        "panel": panel(request, found),
        "invoice_form": _new_invoice(request, found, today),
        **_names(),
        **more,
    }
    return render(request, "pages/deal.html", page, status=status)


def _new_invoice(request: MemberRequest, found: Deal, today: date) -> InvoiceForm:
    due = date.fromordinal(today.toordinal() + TERMS)
    amount = "" if found.value is None else f"{found.value:,.2f}".removesuffix(".00")
    start = {"customer": str(found.customer or ""), "amount": amount, "issued_on": today, "due_on": due}
    return InvoiceForm(initial=start, currency=request.member.tenant.currency)


def _names() -> dict[str, Any]:
    """For completion."""
    return {
        "customers": list(Customer.objects.values_list("name", flat=True)[:500]),
        "sellers": list(Seller.objects.values_list("name", flat=True)[:500]),
    }


def stays(found: Deal, today: date) -> list[Stay]:
    """Its way through the stages, oldest first."""
    entries = list(found.entries.select_related("stage").order_by("entered_on", "stage__position"))
    ends = [*(entry.entered_on for entry in entries[1:]), found.closed_on or today]
    return [
        Stay(entry.stage.name, entry.entered_on, max(0, (end - entry.entered_on).days), entry.stage.days,
             place == len(entries) - 1)
        for place, (entry, end) in enumerate(zip(entries, ends, strict=False))  # no entries, no end
    ]  # fmt: skip
