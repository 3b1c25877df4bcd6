"""Many drafts at once: summaries of deals, reminders of late invoices. A worker asks; the page shows what is there.

The batch is a job of csuite/analytics/bulk, so it survives a reload and a killed worker, and can be stopped.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from pydantic import ValidationError

from csuite.analytics.bulk import leasing
from csuite.analytics.bulk.models import BulkItem, BulkJob
from csuite.analytics.gateway.batches import left
from csuite.analytics.gateway.bodies import MOST_TOKENS, Batch
from csuite.analytics.tasks import run_bulk_job
from csuite.deals.models import Deal, Invoice
from csuite.deals.standing import late_invoices
from csuite.pages.dealings import deal_context, invoice_context
from csuite.pages.reminder import step_of
from csuite.personas.catalogue import published_prompt
from csuite.personas.models import PromptVersion, WritingBatch
from csuite.personas.templating import PromptError
from csuite.personas.writer import writing
from csuite.personas.writer.contexts import DealContext, ReminderContext
from csuite.personas.writer.drafting import Author, Filled, Wanted, call_of
from csuite.personas.writer.results import Form, Result
from csuite.personas.writer.wording import as_text
from csuite.tenants.gate import member_required
from csuite.tenants.limits import take_chat
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.problems import Problem

MOST = 100
Kind = WritingBatch.Kind
Status = BulkItem.Status
FIRM_FROM = 3  # reminders of a matter
BY_RULES = "This is a minimal version by rules."


@dataclass(frozen=True, slots=True)
class Subject:
    """One of a batch. `wanted`: what is asked; `finish`: of a filled form subject line, text and who wrote it."""

    id: str
    name: str
    address: str
    wanted: Wanted[Any]
    finish: Callable[[Filled[Any]], tuple[str, str, Result]]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the page. state: waiting, running, done, failed, stopped."""

    position: int
    name: str
    address: str
    state: str
    subject: str = ""
    text: str = ""
    made: Result | None = None


@require_POST
@member_required()
def begin(request: MemberRequest) -> HttpResponse:
    """`kind`, and for summaries `deal` once for each."""
    kind = request.POST.get("kind", "")
    if kind not in Kind.values:
        raise Problem("bad_frame", "There is no such batch.")
    today = request.member.tenant.today()
    ids = (
        [str(one.invoice.pk) for one in late_invoices(today)]
        if kind == Kind.REMINDERS
        else request.POST.getlist("deal")
    )
    subjects = subjects_of(request, kind, ids[:MOST])
    if not subjects:
        messages.info(request, "There is nothing to write about.")
        return redirect("pipeline")
    job = left(request.member, str(uuid4()), Batch.model_validate({"items": list(_bodies(request, subjects).values())}))
    row = WritingBatch.objects.create(
        job=job.pk, user=request.user.pk, kind=kind, subjects=[one.id for one in subjects]
    )
    return redirect("batch", row.pk)


@require_safe
@member_required()
def batch(request: MemberRequest, batch: UUID) -> HttpResponse:
    """How far it is, and what is there so far."""
    row = _mine(request, batch)
    job: BulkJob | None = BulkJob.objects.filter(pk=row.job).first()
    lines = [] if job is None else _lines(request, row)
    done = sum(line.state not in (Status.WAITING, Status.RUNNING) for line in lines)
    page = {
        "batch": row,
        "gone": job is None,
        "lines": lines,
        "done": done,
        "busy": job is not None and job.status in leasing.OPEN,
        "failed": sum(line.state in (Status.FAILED, Status.STOPPED) for line in lines),
        "percent": round(100 * done / max(1, len(lines))),
    }
    return render(request, "pages/batch.html", page)


@require_POST
@member_required()
def stop(request: MemberRequest, batch: UUID) -> HttpResponse:
    row = _mine(request, batch)
    leasing.stop(row.job)
    return redirect("batch", row.pk)


@require_POST
@member_required()
def retry(request: MemberRequest, batch: UUID) -> HttpResponse:
    """What failed or was stopped; only the one at `position`, if it is named."""
    row = _mine(request, batch)
    over = BulkItem.objects.filter(job=row.job, status__in=(Status.FAILED, Status.STOPPED))
    asked = request.POST.get("position", "")
    places = {item.position for item in over if not asked or str(item.position) == asked}
    ids = {place: key for place, key in enumerate(row.subjects) if place in places}
    found = {one.id: one for one in subjects_of(request, row.kind, list(ids.values()))}
    there = {place: found[key] for place, key in ids.items() if key in found}
    if there:
        take_chat(request.member)
        bodies = _bodies(request, list(there.values()))
        if leasing.again(row.job, {place: bodies[one.id] for place, one in there.items()}):
            transaction.on_commit(lambda: run_bulk_job.delay(str(row.tenant_id), str(row.job)))
    return redirect("batch", row.pk)


def _mine(request: MemberRequest, key: UUID) -> WritingBatch:
    found: WritingBatch | None = WritingBatch.objects.filter(pk=key, user=request.user.pk).first()
    if found is None:
        raise Problem("not_found", "There is no such batch.")
    return found


def subjects_of(request: MemberRequest, kind: str, ids: Sequence[str]) -> list[Subject]:
    """Those that are still there, in this order. Ids that are none are left out."""
    keys = [key for one in ids if (key := _key(one))]
    make = _of_invoice if kind == Kind.REMINDERS else _of_deal
    rows = Invoice.objects.select_related("customer", "deal__stage") if kind == Kind.REMINDERS else _deal_rows()
    there = {row.pk: row for row in rows.filter(pk__in=keys)}
    author = Author.of(request.member)
    return [make(request, author, there[key]) for key in dict.fromkeys(keys) if key in there]


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _deal_rows() -> Any:
    return Deal.objects.select_related("customer", "seller", "stage__pipeline")


def _of_deal(request: MemberRequest, author: Author, deal: Deal) -> Subject:
    context: DealContext = deal_context(deal, request.member.tenant.today())

    def finish(filled: Filled[Any]) -> tuple[str, str, Result]:
        made = writing.summary_of(author, context, filled)
        return "", as_text(made), made

    return Subject(str(deal.pk), str(deal), reverse("deal", args=[deal.pk]), writing.summary_wanted(context), finish)


def _of_invoice(request: MemberRequest, author: Author, invoice: Invoice) -> Subject:
    step = step_of(invoice)
    context = ReminderContext(
        recipient=invoice.customer.name,
        deal=invoice_context(invoice, request.member.tenant.today()),
        step=min(step, 9),
        tone="firm" if step >= FIRM_FROM else "friendly",
    )

    def finish(filled: Filled[Any]) -> tuple[str, str, Result]:
        made = writing.reminder_of(author, context, filled)
        return made.short.subject, made.short.text, made

    name, address = f"{invoice.number}, {invoice.customer.name}", reverse("reminder", args=[invoice.pk])
    return Subject(str(invoice.pk), name, address, writing.reminder_wanted(author, context), finish)


def _bodies(request: MemberRequest, subjects: Sequence[Subject]) -> dict[str, dict[str, Any]]:
    """What the worker asks, by the subject's id. Raises Problem."""
    author = Author.of(request.member)
    try:
        return {one.id: _body(author, one.wanted, published_prompt(one.wanted.prompt)) for one in subjects}
    except (PromptError, PromptVersion.DoesNotExist):
        raise Problem("internal", "The prompt for this cannot be used.") from None


def _body(author: Author, wanted: Wanted[Any], version: PromptVersion) -> dict[str, Any]:
    call = call_of(author, wanted, version)
    body = {
        "messages": [{"role": one.role, "content": one.text} for one in call.messages],
        "task": call.task,
        "tier": call.tier,
        "max_tokens": None if call.max_tokens is None else min(call.max_tokens, MOST_TOKENS),
        "temperature": call.temperature,
        "schema": wanted.form.model_json_schema(),
    }
    return {name: value for name, value in body.items() if value not in (None, "")}


def _lines(request: MemberRequest, row: WritingBatch) -> list[Line]:
    items = {item.position: item for item in BulkItem.objects.filter(job=row.job)}
    subjects = {one.id: one for one in subjects_of(request, row.kind, row.subjects)}
    return [_line(place, items[place], subjects.get(key)) for place, key in enumerate(row.subjects) if place in items]


def _line(place: int, item: BulkItem, subject: Subject | None) -> Line:
    if subject is None:
        return Line(place, "No longer there", "", item.status)
    if item.status not in (Status.DONE, Status.FAILED):
        return Line(place, subject.name, subject.address, item.status)
    filled = _filled(item, subject.wanted)
    head, text, made = subject.finish(filled)
    state = Status.DONE if filled.form is not None else Status.FAILED
    return Line(place, subject.name, subject.address, state, head, text, made)


def _filled(item: BulkItem, wanted: Wanted[Any]) -> Filled[Any]:
    answer: Mapping[str, Any] = item.answer or {}
    try:
        form: Form = wanted.form.model_validate(answer.get("json"))
    except ValidationError:
        return Filled(None, Result(warnings=[f"{item.error or 'The answer could not be used.'} {BY_RULES}"]))
    usage = answer.get("usage") or {}
    made = Result(
        confidence=form.confidence, provider=answer.get("provider", ""), model=answer.get("model", ""),
        cost=usage.get("cost"), currency=usage.get("currency", ""),
        warnings=[answer["note"]] if answer.get("note") else [],
    )  # fmt: skip
    return Filled(form, made)
