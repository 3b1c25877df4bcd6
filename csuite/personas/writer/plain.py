"""Minimal results by rules, from what was given and nothing else: what one gets when no model can write."""

from dataclasses import dataclass

from csuite.personas.writer.contexts import (
    ComplianceContext,
    DealContext,
    EmailContext,
    InvoiceContext,
    Language,
    NotesContext,
    ReminderContext,
)
from csuite.personas.writer.results import (
    Compliance,
    DealSummary,
    Email,
    Missing,
    NotesSummary,
    OrderAnalysis,
    Reminder,
    Version,
)

SUMMARY_NOTES = 3  # of the newest, in a summary by rules


@dataclass(frozen=True, slots=True)
class Words:
    """One language's phrases."""

    greeting: str
    close: str
    about: str
    subject: str
    open_items: str
    ask: str
    due: str
    overdue: str
    whatsapp: str


WORDS: dict[Language, Words] = {
    "en": Words(
        greeting="Dear {name},",
        close="Kind regards",
        about="This is about {title}.",
        subject="Reminder: {what}",
        open_items="According to our records this is still open:",
        ask="Could you let us know when we may expect the payment, or whether something is in the way?",
        due="due {date}",
        overdue="{days} days overdue",
        whatsapp="{sender} here, about {what}.",
    ),
    "de": Words(
        greeting="Guten Tag {name},",
        close="Mit freundlichen Grüßen",
        about="Es geht um {title}.",
        subject="Erinnerung: {what}",
        open_items="Nach unseren Unterlagen ist noch offen:",
        ask="Bitte sagen Sie uns, wann wir mit der Zahlung rechnen dürfen oder ob etwas im Weg steht.",
        due="fällig am {date}",
        overdue="seit {days} Tagen überfällig",
        whatsapp="Hier {sender}, es geht um {what}.",
    ),
    "es": Words(
        greeting="Estimado/a {name}:",
        close="Un cordial saludo",
        about="Se trata de {title}.",
        subject="Recordatorio: {what}",
        open_items="Según nuestros registros sigue pendiente:",
        ask="¿Podría indicarnos cuándo podemos esperar el pago o si existe algún inconveniente?",
        due="vence el {date}",
        overdue="{days} días de retraso",
        whatsapp="Le escribe {sender}, sobre {what}.",
    ),
}


def email(context: EmailContext, sender: str) -> Email:
    words = WORDS[context.language]
    paragraphs = [words.greeting.format(name=", ".join(context.recipients)), context.intent.strip()]
    paragraphs += [words.about.format(title=deal.title) for deal in context.deals]
    paragraphs += [context.source.strip()] if context.source.strip() else []  # word for word, so no figure changes
    paragraphs.append(f"{words.close}\n{sender}")
    return Email(subject=_cut(context.intent, 70), body="\n\n".join(paragraphs))


def reminder(context: ReminderContext, sender: str) -> Reminder:
    words, deal = WORDS[context.language], context.deal
    what = ", ".join(invoice.number for invoice in deal.invoices) or deal.title
    items = [f"- {_invoice(words, invoice)}" for invoice in deal.invoices] or [f"- {deal.issue or deal.title}"]
    if context.channel == "whatsapp":
        opening = words.whatsapp.format(sender=sender, what=what)
        short, long = [opening, words.ask], [opening, words.open_items, *items, words.ask]
        return Reminder(short=Version(text="\n".join(short)), long=Version(text="\n".join(long)))
    subject, greeting = words.subject.format(what=what), words.greeting.format(name=context.recipient)
    close = f"{words.close}\n{sender}"
    short = [greeting, "\n".join([words.open_items, *items]), words.ask, close]
    long = [greeting, words.about.format(title=deal.title), *short[1:]]
    return Reminder(
        short=Version(subject=subject, text="\n\n".join(short)), long=Version(subject=subject, text="\n\n".join(long))
    )


def _invoice(words: Words, invoice: InvoiceContext) -> str:
    parts = [invoice.number, invoice.amount]
    if invoice.due:
        parts.append(words.due.format(date=invoice.due.isoformat()))
    if invoice.days_overdue:
        parts.append(words.overdue.format(days=invoice.days_overdue))
    return ", ".join(part for part in parts if part)


def summary(deal: DealContext) -> DealSummary:
    newest = sorted(deal.notes, key=lambda note: str(note.date or ""))[-SUMMARY_NOTES:]
    facts = [deal.title, deal.customer, deal.value, deal.stage and f"in {deal.stage}"]
    if deal.days_in_stage is not None:
        facts.append(f"for {deal.days_in_stage} days")
    said = [f"{note.date.isoformat() + ': ' if note.date else ''}{_cut(note.text, 200)}" for note in newest]
    known = {"customer": deal.customer, "owner": deal.owner, "value": deal.value, "stage": deal.stage}
    return DealSummary(
        summary=". ".join([", ".join(fact for fact in facts if fact), *said]),
        blockers=[deal.issue] if deal.issue else [],
        missing_information=[name for name, value in known.items() if not value],
    )


def compliance(context: ComplianceContext) -> Compliance:
    """Rules cannot read whether a paper is there: everything is open, with the note that names it."""
    notes = [note.text for note in context.deal.notes]
    missing = [
        Missing(item=item, closest=_cut(next((text for text in notes if item.casefold() in text.casefold()), ""), 300))
        for item in context.requirements
    ]
    return Compliance(status="unclear", missing_items=missing)


def order(deal: DealContext) -> OrderAnalysis:
    """The customer may be a reseller, so even the end user is open."""
    return OrderAnalysis(open_questions=["Who will use the goods, where and what for?"])


def notes(context: NotesContext) -> NotesSummary:
    return NotesSummary(summary=" ".join(_cut(note.text, 300) for note in context.notes[:SUMMARY_NOTES]))


def _cut(text: str, size: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= size else f"{line[: size - 1]}…"
