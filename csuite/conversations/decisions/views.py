"""The pages of decisions: the log, one decision, and making one. Plain forms; every member of the company sees them."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from csuite.conversations.boardroom.by_rules import sentences
from csuite.conversations.decisions import deciding, showing
from csuite.conversations.decisions.pack import pack
from csuite.conversations.decisions.recording import message_for
from csuite.conversations.models import Decision
from csuite.documents import Document, to_docx, to_pdf
from csuite.profiles.models import Metric
from csuite.tenants.afterwards import Afterwards
from csuite.tenants.gate import member_required
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.problems import Problem, wants_json


def decisions(request: MemberRequest) -> HttpResponse:
    return _create(request) if request.method == "POST" else _log(request)


@require_GET
@member_required()
def _log(request: MemberRequest) -> HttpResponse:
    return _page(request)


def _page(request: MemberRequest, problem: Problem | None = None, **more: Any) -> HttpResponse:
    state = request.GET.get("state", "")
    state = state if state in Decision.Status.values else ""
    context = {**showing.log(request.member, state), "problem": problem, **more}
    return render(request, "decisions/log.html", context, status=problem.status if problem else 200)


@require_POST
@member_required()
def _create(request: MemberRequest) -> HttpResponse:
    """Proposes one; executives may approve it in the same step."""
    message = _uuid(request.POST.get("message", ""))
    try:
        row = deciding.propose(request.member, _wanted(request), message)
        if request.POST.get("approve"):
            deciding.move(request.member, row.id, Decision.Status.APPROVED)
    except Problem as problem:
        if wants_json(request):
            raise
        if problem.code == "not_found":
            raise Http404(problem.message) from None
        return _again(request, message, problem)
    messages.success(request, "The decision is in the log. Everybody in your company can read it.")
    return redirect("decision", row.id)


def _again(request: MemberRequest, message: UUID | None, problem: Problem) -> HttpResponse:
    text = request.POST.get("text", "")[:5000]
    if message is None:
        return _page(request, problem, draft=text)
    return _form(request, message, text, problem)


@require_GET
@member_required()
def new(request: MemberRequest) -> HttpResponse:
    """Make a decision of an answer: `message` is one of the member's own."""
    message = _uuid(request.GET.get("message", ""))
    if message is None:
        return redirect("decisions")
    try:
        answer = message_for(request.member, message)
    except Problem as problem:
        raise Http404(problem.message) from None
    said = (answer.synthesis or {}).get("decision") or next(iter(sentences(answer.text)), "")
    return _form(request, message, said)


def _form(request: MemberRequest, message: UUID, text: str, problem: Problem | None = None) -> HttpResponse:
    try:
        context = showing.proposal(request.member, message)
    except Problem as missing:
        raise Http404(missing.message) from None
    context |= {"draft": text, "problem": problem}
    return render(request, "decisions/new.html", context, status=problem.status if problem else 200)


@require_GET
@member_required()
def decision(request: MemberRequest, decision: UUID) -> HttpResponse:
    return _one(request, decision)


def _one(request: MemberRequest, decision: UUID, problem: Problem | None = None) -> HttpResponse:
    try:
        context = showing.one(request.member, deciding.decision_for(decision))
    except Problem as missing:
        raise Http404(missing.message) from None
    context["problem"] = problem
    return render(request, "decisions/decision.html", context, status=problem.status if problem else 200)


WRITERS = {
    "pdf": (to_pdf, "application/pdf"),
    "docx": (to_docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}


@require_GET
@member_required()
def board_pack(request: MemberRequest, decision: UUID, form: str) -> HttpResponse:
    """The board pack as a file; `form` is pdf or docx. It is written when the database is given back."""
    try:
        row = deciding.decision_for(decision)
    except Problem as missing:
        raise Http404(missing.message) from None
    names = dict(Metric.objects.values_list("key", "name"))
    document = pack(row, showing.recorded(row.record), request.member.tenant.name, names)
    return Afterwards(lambda: _file(document, form, f"board-pack-{row.created_at:%Y-%m-%d}"))


def _file(document: Document, form: str, name: str) -> HttpResponse:
    write, kind = WRITERS[form]
    response = HttpResponse(write(document), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    response["Cache-Control"] = "no-store"
    return response


def _posted(request: MemberRequest, decision: UUID, work: Any) -> HttpResponse:
    """Does it and shows the decision; a GET (signing in again leads here) only shows it."""
    if request.method != "POST":
        return redirect("decision", decision)
    try:
        work()
    except Problem as problem:
        if wants_json(request):
            raise
        if problem.code == "not_found":
            raise Http404(problem.message) from None
        return _one(request, decision, problem)
    return redirect("decision", decision)


@member_required()
def change(request: MemberRequest, decision: UUID) -> HttpResponse:
    return _posted(request, decision, lambda: deciding.change(request.member, decision, _wanted(request)))


@member_required()
def move(request: MemberRequest, decision: UUID) -> HttpResponse:
    """`to` is the next state; a review brings `outcome` and `outcome_text`."""

    def work() -> Decision:
        said = (request.POST.get(name, "") for name in ("to", "outcome", "outcome_text"))
        return deciding.move(request.member, decision, *said)

    return _posted(request, decision, work)


def _wanted(request: HttpRequest) -> deciding.Wanted:
    """Raises Problem("bad_frame")."""
    form = request.POST
    return deciding.Wanted(
        form.get("text", ""), _uuid(form.get("owner", "")), _date(form.get("due", "")), _date(form.get("review", ""))
    )


def _uuid(said: str) -> UUID | None:
    """Raises Problem("bad_frame") for what is none."""
    try:
        return UUID(said) if said else None
    except ValueError:
        raise Problem("bad_frame", "That is not an id.") from None


def _date(said: str) -> date | None:
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise Problem("bad_frame", "A date is written as 2026-12-01.") from None
