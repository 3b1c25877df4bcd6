"""Sharing a conversation, the list of links, and what a recipient reads."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_POST

from csuite.conversations.access import conversation_for
from csuite.conversations.markdown import render as to_html
from csuite.conversations.models import Share
from csuite.conversations.paper import ENDINGS, source_of
from csuite.conversations.sharing import keeping
from csuite.tenants.gate import member_required, wants_json
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.problems import Problem

LISTED = 200


@require_POST
@member_required()
def share(request: MemberRequest, conversation: UUID) -> HttpResponse:
    """`days` is 1, 7, 30 or 90. JSON gets {"url", "expires_at"}; a form is led to the list of links."""
    try:
        found = conversation_for(request.member, conversation)
    except Problem as problem:
        if wants_json(request):
            raise
        raise Http404(problem.message) from None
    row = keeping.share(request.member, found, _days(request.POST.get("days", "7")))
    if wants_json(request):
        link = {"url": f"/shared/{row.id}/", "expires_at": row.expires_at.isoformat()}
        return JsonResponse(link, status=201)
    return redirect("shares")


def _days(sent: str) -> int:
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else 0


@require_GET
@member_required()
def shares(request: MemberRequest) -> HttpResponse:
    now = timezone.now()
    rows = [(row, _state(row, now)) for row in keeping.shares_of(request.member)[:LISTED]]
    return render(request, "conversations/shares.html", {"shares": rows, "days": keeping.DAYS})


def _state(row: Share, now: datetime) -> str:
    return "revoked" if row.revoked_at else "expired" if row.expires_at <= now else "open"


@require_GET
@member_required()
def shared(request: MemberRequest, share: UUID) -> HttpResponse:
    """The snapshot, for every member of the company; for all others it does not exist."""
    try:
        row = keeping.shared(share)
    except Problem as problem:
        raise Http404(problem.message) from None
    turns = [_turn(turn) for turn in row.snapshot["turns"]]
    return render(request, "conversations/shared.html", {"share": row, "turns": turns})


def _turn(turn: dict[str, Any]) -> dict[str, Any]:
    return {"question": _timed(turn["question"]), "answers": [_answer(answer) for answer in turn["answers"]]}


def _timed(said: dict[str, Any]) -> dict[str, Any]:
    return {**said, "at": datetime.fromisoformat(said["at"])}


def _answer(answer: dict[str, Any]) -> dict[str, Any]:
    """With its figures and where they come from, each once; its text rendered and sanitised anew."""
    traced = [one for one in answer["evidence"] if one.get("class") in ("found", "calculated", "not_found")]
    sources = {
        one["text"]: "not found in the company's data" if one["class"] == "not_found" else source_of(one)
        for one in traced
    }
    return {
        **_timed(answer),
        "html": mark_safe(to_html(answer["text"])),  # noqa: S308 - sanitised by markdown.render
        "ending": ENDINGS.get(answer["status"], ""),
        "sources": list(sources.items()),
    }


@require_POST
@member_required()
def revoke(request: MemberRequest, share: UUID) -> HttpResponse:
    try:
        keeping.revoke(request.member, share)
    except Problem as problem:
        if wants_json(request):
            raise
        raise Http404(problem.message) from None
    return HttpResponse(status=204) if wants_json(request) else redirect("shares")
