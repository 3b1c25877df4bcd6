"""`POST /writer/…`: the writer for programs; the same under /api/v1/writer/, where it is described.

Each costs one of `api`, as every request does, and one of `chat`, as a question does. Nothing of the database is
held while a model writes. A model that fails is no failure of the request: see `warnings` and `confidence`.
"""

from typing import Annotated, Any

from ninja import Router
from pydantic import Field

from csuite.personas.writer import writing
from csuite.personas.writer.contexts import (
    ComplianceContext,
    Context,
    DealContext,
    EmailContext,
    NotesContext,
    ReminderContext,
)
from csuite.personas.writer.drafting import Author
from csuite.personas.writer.results import (
    Compliance,
    DealSummary,
    Email,
    NotesSummary,
    OrderAnalysis,
    Reminder,
)
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.questioning import let_in


class Deals(Context):
    deals: Annotated[list[DealContext], Field(min_length=1, max_length=20)]


class Summaries(Context):
    summaries: list[DealSummary]


async def draft_email(request: MemberRequest, body: EmailContext) -> Email:
    """A letter about some deals, ready to send."""
    return await writing.draft_email(await let_in(request, Author.of), body)


async def draft_reminder(request: MemberRequest, body: ReminderContext) -> Reminder:
    """A payment reminder in two lengths, for e-mail or WhatsApp."""
    return await writing.draft_reminder(await let_in(request, Author.of), body)


async def summarize_deal(request: MemberRequest, body: DealContext) -> DealSummary:
    """Where a deal stands and what is next."""
    return await writing.summarize_deal(await let_in(request, Author.of), body)


async def summarize_deals(request: MemberRequest, body: Deals) -> Summaries:
    """Up to twenty, five at a time; one that fails is a minimal summary with a confidence of 0.0."""
    return Summaries(summaries=await writing.batch_summarize_deals(await let_in(request, Author.of), body.deals))


async def check_compliance(request: MemberRequest, body: ComplianceContext) -> Compliance:
    """Whether the required papers of a deal are there."""
    return await writing.analyze_compliance(await let_in(request, Author.of), body)


async def order_received(request: MemberRequest, body: DealContext) -> OrderAnalysis:
    """Who will use what was ordered."""
    return await writing.analyze_order_received(await let_in(request, Author.of), body)


async def summarize_notes(request: MemberRequest, body: NotesContext) -> NotesSummary:
    """A summary and who has to do what."""
    return await writing.summarize_notes(await let_in(request, Author.of), body)


OPERATIONS: dict[str, tuple[Any, type]] = {
    "draft-email": (draft_email, Email),
    "draft-reminder": (draft_reminder, Reminder),
    "summarize-deal": (summarize_deal, DealSummary),
    "summarize-deals": (summarize_deals, Summaries),
    "compliance": (check_compliance, Compliance),
    "order-received": (order_received, OrderAnalysis),
    "summarize-notes": (summarize_notes, NotesSummary),
}


def router(names: str) -> Router:
    """A router of its own for each place it is mounted at; `names` begins the names of its addresses."""
    made = Router(tags=["writer"])
    for path, (view, result) in OPERATIONS.items():
        name = f"{names}_{path.replace('-', '_')}"
        made.post(f"/{path}", response=result, url_name=name, operation_id=name)(view)
    return made
