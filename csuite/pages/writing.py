"""The writer's functions as pages: a form, and after a POST a draft to change, copy and send oneself.

The chat opens the same pages in a dialog (static/js/slash.js); without scripts they are links.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from asgiref.sync import async_to_sync
from django import forms
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from csuite.conversations.models import Message
from csuite.deals.models import Deal, Stage
from csuite.deals.standing import late_invoices
from csuite.pages.commands import COMMANDS, WRITTEN, Command
from csuite.pages.dealings import deal_context
from csuite.personas.writer import writing
from csuite.personas.writer.contexts import ComplianceContext, DealContext, EmailContext, Note, NotesContext
from csuite.personas.writer.drafting import Author
from csuite.personas.writer.results import Email, Result
from csuite.personas.writer.wording import as_text
from csuite.profiles import formatting
from csuite.tenants.afterwards import Afterwards
from csuite.tenants.gate import member_required
from csuite.tenants.limits import take_chat
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.problems import Problem

LISTED = 300  # deals that the page offers
FOUND = 8  # that completion offers
TONES = [("friendly", "Friendly"), ("neutral", "Neutral"), ("formal", "Formal"), ("firm", "Firm")]
LANGUAGES = [("en", "English"), ("de", "German"), ("es", "Spanish")]
NOTE = 4000  # characters of one note
INTENT = "Pass on what this says."


@dataclass(frozen=True, slots=True)
class Given:
    """What a draft is made from, read before the database is given back."""

    said: Mapping[str, Any]
    deal: DealContext | None
    source: str


class DealChoice(forms.Form):
    deal = forms.ChoiceField(label="Deal")

    def __init__(self, *args: Any, deals: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if (field := self.fields.get("deal")) is not None:
            blank = [] if field.required else [("", "None")]
            field.choices = [*blank, *deals]  # type: ignore[attr-defined]


class ComplianceForm(DealChoice):
    requirements = forms.CharField(
        label="What must be there", max_length=5000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="One paper a line: export licence, end user statement.",
    )  # fmt: skip

    def clean_requirements(self) -> list[str]:
        lines = [" ".join(line.split(None)).strip("-• ") for line in self.cleaned_data["requirements"].splitlines()]
        found = [line for line in lines if line]
        if not 1 <= len(found) <= 50 or any(len(line) > 200 for line in found):
            raise forms.ValidationError("Give 1 to 50 lines of at most 200 characters.")
        return found


class EmailForm(DealChoice):
    deal = forms.ChoiceField(label="About the deal", required=False)
    recipients = forms.CharField(label="To", max_length=600, help_text="Names, with commas between them.")
    intent = forms.CharField(
        label="What it shall say or ask for", max_length=4000, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"})
    )
    tone = forms.ChoiceField(choices=TONES)
    language = forms.ChoiceField(choices=LANGUAGES)
    field_order = ("recipients", "intent", "deal", "tone", "language")

    def clean_recipients(self) -> list[str]:
        found = [name for part in self.cleaned_data["recipients"].split(",") if (name := part.strip())]
        if not 1 <= len(found) <= 20 or any(len(name) > 200 for name in found):
            raise forms.ValidationError("Give 1 to 20 names.")
        return found


class NotesForm(DealChoice):
    deal = forms.ChoiceField(label="Of the deal", required=False)
    text = forms.CharField(
        label="Notes", max_length=60_000, required=False, widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
        help_text="Paste them, or choose a deal whose notes are taken.",
    )  # fmt: skip
    field_order = ("text", "deal")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not found.get("text") and not found.get("deal"):
            self.add_error("text", "Paste notes, or choose a deal.")
        return found


FORMS: dict[str, type[DealChoice]] = {
    "email": EmailForm,
    "summary": DealChoice,
    "papers": ComplianceForm,
    "order": DealChoice,
    "notes": NotesForm,
}


async def _email(author: Author, given: Given) -> Result:
    said = given.said
    context = EmailContext(
        recipients=said["recipients"], intent=said["intent"], deals=[given.deal] if given.deal else [],
        tone=said["tone"], language=said["language"], source=given.source,
    )  # fmt: skip
    return await writing.draft_email(author, context)


async def _papers(author: Author, given: Given) -> Result:
    assert given.deal is not None
    context = ComplianceContext(deal=given.deal, requirements=given.said["requirements"])
    return await writing.analyze_compliance(author, context)


async def _notes(author: Author, given: Given) -> Result:
    text = given.said["text"]
    pasted = [Note(text=part) for place in range(0, len(text), NOTE) if (part := text[place : place + NOTE].strip())]
    kept = list(given.deal.notes) if given.deal else []
    title = given.deal.title if given.deal else ""
    if not pasted and not kept:
        return Result(warnings=["This deal has no notes yet."])
    return await writing.summarize_notes(author, NotesContext(title=title, notes=[*pasted, *kept]))


async def _summary(author: Author, given: Given) -> Result:
    assert given.deal is not None
    return await writing.summarize_deal(author, given.deal)


async def _order(author: Author, given: Given) -> Result:
    assert given.deal is not None
    return await writing.analyze_order_received(author, given.deal)


MAKERS: dict[str, Callable[[Author, Given], Awaitable[Result]]] = {
    "email": _email,
    "summary": _summary,
    "papers": _papers,
    "order": _order,
    "notes": _notes,
}


@require_safe
@member_required()
def commands(request: MemberRequest) -> HttpResponse:
    """All that the composer's `/` offers."""
    return render(request, "pages/commands.html", {"commands": COMMANDS})


@require_http_methods(["GET", "HEAD", "POST"])
@member_required()
def write(request: MemberRequest, task: str) -> HttpResponse:
    """One function. `?deal=` and `?answer=` say what it begins with."""
    command = WRITTEN.get(task)
    if command is None:
        raise Problem("not_found", "There is no such command.")
    if task == "reminder":
        return _reminders(request, command)
    source = _source(request)
    deals = _deals(request)
    start = {"deal": request.GET.get("deal", ""), "intent": INTENT if source else "", "tone": "neutral"}
    if request.method != "POST":
        form = FORMS[task](initial=start, deals=deals)
        return render(request, "pages/write.html", {"command": command, "form": form, "source": source})
    form = FORMS[task](request.POST, deals=deals)
    page = {"command": command, "form": form, "source": source}
    if not form.is_valid():
        return render(request, "pages/write.html", page, status=400)
    take_chat(request.member)
    given = Given(form.cleaned_data, _chosen(request, form.cleaned_data.get("deal", "")), source.text if source else "")
    author = Author.of(request.member)

    def make() -> HttpResponse:
        made = async_to_sync(_made)(task, author, given)
        return render(request, "pages/write.html", {**page, **_draft(made)})

    return Afterwards(make)


async def _made(task: str, author: Author, given: Given) -> Result:
    return await MAKERS[task](author, given)


def _draft(made: Result) -> dict[str, Any]:
    if isinstance(made, Email):
        mail = f"mailto:?subject={quote(made.subject)}&body={quote(made.body)}"
        return {"made": made, "subject": made.subject, "text": made.body, "mail": mail}
    return {"made": made, "subject": "", "text": "" if type(made) is Result else as_text(made), "mail": ""}


def _reminders(request: MemberRequest, command: Command) -> HttpResponse:
    """Of whom: then the page of that invoice's reminder."""
    late = late_invoices(request.member.tenant.today())
    lines = [(one, formatting.exactly(one.invoice.amount, one.invoice.currency)) for one in late]
    return render(request, "pages/reminders.html", {"command": command, "late": lines})


def _source(request: MemberRequest) -> Message | None:
    """The answer that a letter is made from: one's own conversations only. Raises Problem."""
    asked = request.POST.get("answer") or request.GET.get("answer")
    if not asked:
        return None
    try:
        key = UUID(asked)
    except ValueError:
        raise Problem("not_found", "There is no such answer.") from None
    rows = Message.objects.filter(
        pk=key, kind=Message.Kind.ANSWER, conversation__user=request.user, conversation__deleted_at=None
    )
    found: Message | None = rows.exclude(text="").first()
    if found is None:
        raise Problem("not_found", "There is no such answer.")
    return found


def _open_deals() -> Any:
    rows = Deal.objects.filter(stage__kind=Stage.Kind.OPEN).select_related("customer", "stage")
    return rows.order_by("reference")


def _deals(request: MemberRequest) -> list[tuple[str, str]]:
    """The open ones, and the one that is asked for."""
    rows = list(_open_deals()[:LISTED])
    asked = request.POST.get("deal") or request.GET.get("deal") or ""
    if asked not in {str(row.pk) for row in rows} and (found := _found(asked)):
        rows.append(found)
    return [(str(row.pk), _called(row)) for row in rows]


def _found(key: str) -> Deal | None:
    try:
        rows = Deal.objects.filter(pk=UUID(key))
    except ValueError:
        return None
    found: Deal | None = rows.select_related("customer", "seller", "stage__pipeline").first()
    return found


def _chosen(request: MemberRequest, key: str) -> DealContext | None:
    found = _found(key)
    return None if found is None else deal_context(found, request.member.tenant.today())


def _called(deal: Deal) -> str:
    """With its customer, where the title does not name it."""
    customer = deal.customer.name if deal.customer else ""
    return str(deal) if customer.casefold() in str(deal).casefold() else f"{deal}, {customer}"


@require_safe
@member_required()
def complete(request: MemberRequest, of: str) -> HttpResponse:
    """`/write/complete/deal/?q=` and `…/invoice/`: for the composer, as {"found": [{"id", "name", "about"}]}."""
    query = request.GET.get("q", "")[:80].casefold().strip()
    if of == "deal":
        found = [{"id": str(row.pk), "name": _called(row), "about": row.stage.name} for row in _open_deals()[:2000]]
    elif of == "invoice":
        found = [
            {"id": str(one.invoice.pk), "name": f"{one.invoice.number}, {one.invoice.customer.name}",
             "about": f"{one.days} days late"}
            for one in late_invoices(request.member.tenant.today())
        ]  # fmt: skip
    else:
        raise Problem("not_found", "There is nothing of this kind.")
    return JsonResponse({"found": [one for one in found if query in one["name"].casefold()][:FOUND]})
