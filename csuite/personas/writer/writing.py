"""The seven functions of the writer. Each gives a result for every context; see the package for what fails how."""

import asyncio
import html
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.utils import timezone

from csuite.personas.writer import data, plain
from csuite.personas.writer.contexts import (
    ComplianceContext,
    DealContext,
    EmailContext,
    NotesContext,
    ReminderContext,
)
from csuite.personas.writer.drafting import Author, Filled, Wanted, doubted, fill
from csuite.personas.writer.results import (
    Compliance,
    ComplianceForm,
    DealSummary,
    Email,
    EmailForm,
    NotesForm,
    NotesSummary,
    OrderAnalysis,
    OrderForm,
    Reminder,
    ReminderForm,
    Result,
    SummaryForm,
    Version,
)

LANGUAGES = {"en": "English", "de": "German", "es": "Spanish"}
TOGETHER = 5  # deals of a batch at a time
SUBJECT = "subject:"
R = TypeVar("R", bound=Result)


async def draft_email(author: Author, context: EmailContext) -> Email:
    facts = data.of_email(context)
    wanted = Wanted(
        "email.followup",
        "draft",
        EmailForm,
        {
            "sender": author.signature,
            "recipients": ", ".join(context.recipients),
            "intent": context.intent,
            "tone": context.tone,
            "language": LANGUAGES[context.language],
            "data": facts,
        },
        _one(context.deals),
    )
    filled = await fill(author, wanted)
    if (form := filled.form) is None:
        return _with_html(_marked(plain.email(context, author.signature), filled.made))
    subject, body = " ".join(form.subject.split())[:200], form.body.strip()
    made = doubted(filled.made, f"{subject}\n{body}", facts, context.intent, *_always(author))
    found = Email(subject=subject, body=body, suggestions=form.suggestions[:3], **made.model_dump())
    return _with_html(found)


async def draft_reminder(author: Author, context: ReminderContext) -> Reminder:
    return reminder_of(author, context, await fill(author, reminder_wanted(author, context)))


def reminder_wanted(author: Author, context: ReminderContext) -> Wanted[ReminderForm]:
    variables = {
        "sender": author.signature,
        "recipient": context.recipient,
        "step": str(context.step),
        "tone": context.tone,
        "language": LANGUAGES[context.language],
        "data": data.of_deal(context.deal),
    }
    return Wanted(f"reminder.{context.channel}", "draft", ReminderForm, variables, context.deal.id)


def reminder_of(author: Author, context: ReminderContext, filled: Filled[ReminderForm]) -> Reminder:
    """What a filled form says; a minimal one where no model has filled it."""
    if (form := filled.form) is None:
        return _marked(plain.reminder(context, author.signature), filled.made)
    made = doubted(filled.made, f"{form.short}\n{form.long}", data.of_deal(context.deal), *_always(author))
    fallback = plain.reminder(context, author.signature).short.subject
    return Reminder(
        short=_version(form.short, fallback),
        long=_version(form.long, fallback),
        tags=[tag.lower() for tag in form.tags[:5]],
        **made.model_dump(),
    )


async def summarize_deal(author: Author, deal: DealContext) -> DealSummary:
    return summary_of(author, deal, await fill(author, summary_wanted(deal)))


def summary_wanted(deal: DealContext) -> Wanted[SummaryForm]:
    return Wanted("deal.summarize", "summarize", SummaryForm, {"data": data.of_deal(deal)}, deal.id)


def summary_of(author: Author, deal: DealContext, filled: Filled[SummaryForm]) -> DealSummary:
    """What a filled form says; a minimal one where no model has filled it."""
    name = deal.id or deal.title
    if (form := filled.form) is None:
        return _marked(plain.summary(deal), filled.made).model_copy(update={"deal": name})
    told = "\n".join([form.summary, form.next_action, *form.blockers, *form.recommendations])
    made = doubted(filled.made, told, data.of_deal(deal), *_always(author))
    return DealSummary(deal=name, **form.model_dump(exclude={"confidence"}), **made.model_dump())


async def analyze_compliance(author: Author, context: ComplianceContext) -> Compliance:
    required = "\n".join(f"- {item}" for item in context.requirements)
    variables = {"requirements": required, "data": data.of_deal(context.deal)}
    wanted = Wanted("deal.compliance_check", "validate", ComplianceForm, variables, context.deal.id)
    filled = await fill(author, wanted)
    if (form := filled.form) is None:
        return _marked(plain.compliance(context), filled.made)
    made = filled.made
    if form.status == "complete" and form.missing_items:
        warning = "The model calls it complete and names missing items: read them."
        made = made.model_copy(update={"confidence": min(made.confidence, 0.4), "warnings": [*made.warnings, warning]})
    return Compliance(**form.model_dump(exclude={"confidence"}), **made.model_dump())


async def analyze_order_received(author: Author, deal: DealContext) -> OrderAnalysis:
    wanted = Wanted("deal.order_received_analysis", "extract", OrderForm, {"data": data.of_deal(deal)}, deal.id)
    filled = await fill(author, wanted)
    if (form := filled.form) is None:
        return _marked(plain.order(deal), filled.made)
    return OrderAnalysis(**form.model_dump(exclude={"confidence"}), **filled.made.model_dump())


async def summarize_notes(author: Author, context: NotesContext) -> NotesSummary:
    facts = data.of_notes(context)
    filled = await fill(author, Wanted("notes.summarize", "summarize", NotesForm, {"data": facts}))
    if (form := filled.form) is None:
        return _marked(plain.notes(context), filled.made)
    told = "\n".join([form.summary, *(f"{action.task} {action.due or ''}" for action in form.action_items)])
    made = doubted(filled.made, told, facts, *_always(author))
    return NotesSummary(**form.model_dump(exclude={"confidence"}), **made.model_dump())


async def batch_summarize_deals(
    author: Author, deals: Sequence[DealContext], done: Callable[[int, DealSummary], None] | None = None
) -> list[DealSummary]:
    """In their order, five at a time; `done` hears of each with its place, so that progress and partial results show.

    One that fails is a minimal result like any other. A cancelled batch cancels what runs.
    """
    found: dict[int, DealSummary] = {}
    left = iter(enumerate(deals))

    async def work() -> None:
        for place, deal in left:
            found[place] = await summarize_deal(author, deal)
            if done is not None:
                done(place, found[place])

    async with asyncio.TaskGroup() as group:
        for _ in range(min(TOGETHER, len(deals))):
            group.create_task(work())
    return [found[place] for place in range(len(deals))]


def _one(deals: Sequence[DealContext]) -> str:
    return deals[0].id if len(deals) == 1 else ""


def _always(author: Author) -> tuple[str, ...]:
    """What may be said without standing in the data: names and today's date."""
    return author.signature, timezone.localdate().isoformat()


def _marked(minimal: R, made: Result) -> R:
    return minimal.model_copy(update={"warnings": made.warnings})


def _with_html(email: Email) -> Email:
    paragraphs = [html.escape(part.strip()).replace("\n", "<br>") for part in email.body.split("\n\n") if part.strip()]
    return email.model_copy(update={"html": "".join(f"<p>{part}</p>" for part in paragraphs)})


def _version(text: str, subject: str) -> Version:
    """The subject stands on the first line of an e-mail; one that was forgotten is made by rules."""
    first, _, rest = text.strip().partition("\n")
    if first.lower().startswith(SUBJECT):
        return Version(subject=first[len(SUBJECT) :].strip()[:200] or subject, text=rest.strip() or text.strip())
    return Version(subject=subject, text=text.strip())
