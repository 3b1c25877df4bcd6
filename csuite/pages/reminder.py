"""A payment reminder for a late invoice: written by the writer, changed by hand, copied or mailed by the person."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from asgiref.sync import async_to_sync
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from csuite.deals.models import Invoice, Note
from csuite.pages.dealings import invoice_context
from csuite.personas.writer import writing
from csuite.personas.writer.contexts import ReminderContext
from csuite.personas.writer.drafting import Author
from csuite.personas.writer.results import Reminder
from csuite.profiles import formatting
from csuite.tenants.afterwards import Afterwards
from csuite.tenants.gate import member_required
from csuite.tenants.limits import take_chat
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.problems import Problem

SENT = "Reminder sent"  # begins the note of one that was sent; so many there are, so many came before


class ReminderForm(forms.Form):
    recipient = forms.CharField(label="To", max_length=200)
    channel = forms.ChoiceField(choices=[("email", "E-mail"), ("whatsapp", "WhatsApp")])
    length = forms.ChoiceField(choices=[("short", "Short"), ("long", "Long")])
    tone = forms.ChoiceField(
        choices=[("friendly", "Friendly"), ("neutral", "Neutral"), ("formal", "Formal"), ("firm", "Firm")]
    )
    language = forms.ChoiceField(choices=[("en", "English"), ("de", "German"), ("es", "Spanish")])


@require_http_methods(["GET", "HEAD", "POST"])
@member_required()
def reminder(request: MemberRequest, invoice: UUID) -> HttpResponse:
    """The form, and after a POST the letter."""
    found = _invoice(invoice)
    page: dict[str, Any] = {
        "invoice": found,
        "amount": formatting.exactly(found.amount, found.currency),
        "step": step_of(found),
        "sent": SENT,
    }
    if request.method != "POST":
        initial = {"recipient": found.customer.name, "tone": "friendly" if page["step"] < 3 else "firm"}
        return render(request, "pages/reminder.html", {**page, "form": ReminderForm(initial=initial)})
    form = ReminderForm(request.POST)
    if not form.is_valid():
        return render(request, "pages/reminder.html", {**page, "form": form}, status=400)
    take_chat(request.member)
    asked = form.cleaned_data
    context = ReminderContext(
        recipient=asked["recipient"],
        deal=invoice_context(found, request.member.tenant.today()),
        channel=asked["channel"],
        step=min(page["step"], 9),
        tone=asked["tone"],
        language=asked["language"],
    )
    author = Author.of(request.member)

    def write() -> HttpResponse:
        made = async_to_sync(writing.draft_reminder)(author, context)
        return render(request, "pages/reminder.html", {**page, "form": form, **_letter(made, form)})

    return Afterwards(write)


@require_POST
@member_required()
def sent(request: MemberRequest, invoice: UUID) -> HttpResponse:
    """Writes down that one went out: the pipeline shows it as the last contact, and the next one counts it."""
    found = _invoice(invoice)
    channel = "WhatsApp" if request.POST.get("channel") == "whatsapp" else "e-mail"
    author = request.user.display_name
    Note.objects.create(
        invoice=found, written_on=request.member.tenant.today(), author=author[:160], text=f"{SENT} by {channel}"
    )
    messages.success(request, f"Noted: a reminder for {found.number} was sent today.")
    return redirect("pipeline")


def _invoice(invoice: UUID) -> Invoice:
    found: Invoice | None = Invoice.objects.filter(pk=invoice).select_related("customer", "deal__stage").first()
    if found is None:
        raise Problem("not_found", "There is no such invoice.")
    return found


def step_of(invoice: Invoice) -> int:
    """Which reminder this would be."""
    return 1 + invoice.notes.filter(text__startswith=SENT).count()


def _letter(made: Reminder, form: ReminderForm) -> dict[str, Any]:
    version = made.long if form.cleaned_data["length"] == "long" else made.short
    mail = f"mailto:?subject={quote(version.subject)}&body={quote(version.text)}"
    return {"made": made, "version": version, "mail": mail if form.cleaned_data["channel"] == "email" else ""}
