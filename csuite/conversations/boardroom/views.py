"""The pages of the boardroom. Everything works with plain forms; the socket makes it live."""

import uuid
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from csuite import llm
from csuite.conversations import estimating
from csuite.conversations.access import conversation_for
from csuite.conversations.asking import ask_from_page, client_id_of
from csuite.conversations.boardroom import sitting
from csuite.conversations.events import estimate_body
from csuite.conversations.models import Conversation, Message, Turn
from csuite.conversations.opening import MOST_PERSONAS, Ask
from csuite.personas.catalogue import all_personas
from csuite.tenants.afterwards import Afterwards
from csuite.tenants.gate import member_required
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.problems import Problem, wants_json

FEWEST = 2


def boardroom(request: MemberRequest) -> HttpResponse:
    return _create(request) if request.method == "POST" else _list(request)


@require_GET
@member_required()
def _list(request: MemberRequest) -> HttpResponse:
    return _page(request)


def _page(request: MemberRequest, problem: Problem | None = None) -> HttpResponse:
    officers = all_personas()
    asked = request.POST.getlist("persona") if request.method == "POST" else request.GET.getlist("persona")
    known = [officer.key for officer in officers]
    context = {
        "sittings": sitting.recent(request.member),
        "personas": officers,
        "chosen": [key for key in known if key in asked] or known[:MOST_PERSONAS],
        "draft": (request.POST.get("text") or request.GET.get("text", ""))[:5000],
        "problem": problem,
        "most": MOST_PERSONAS,
    }
    return render(request, "boardroom/boardroom.html", context, status=problem.status if problem else 200)


@require_POST
@member_required()
def _create(request: MemberRequest) -> HttpResponse:
    """Puts a question to several officers; the same form sent twice is one question."""
    client_id = client_id_of(request.POST)
    conversation, new = Conversation.objects.get_or_create(
        id=uuid.uuid5(request.member.id, client_id),
        defaults={"user": request.user, "updated_at": timezone.now()},
    )
    refused = ask_from_page(request.member, conversation.id, _ask(request, client_id)) if _several(request) else TOO_FEW
    if refused is None:
        return redirect("board", conversation.id)
    if new:
        conversation.delete()
    if wants_json(request):
        raise refused
    return _page(request, refused)


TOO_FEW = Problem("bad_frame", "Choose two to four officers; one alone is a conversation.")


def _several(request: HttpRequest) -> bool:
    return FEWEST <= len(request.POST.getlist("persona")) <= MOST_PERSONAS


def _ask(request: HttpRequest, client_id: str) -> Ask:
    return Ask(client_id, request.POST.get("text", ""), tuple(request.POST.getlist("persona")))


@require_POST
@member_required()
def estimate(request: MemberRequest) -> HttpResponse:
    """What the whole would cost: every officer and the synthesis, as in the estimate frame of the socket."""
    text, personas = request.POST.get("text", ""), request.POST.getlist("persona")
    if not FEWEST <= len(personas) <= MOST_PERSONAS:
        raise TOO_FEW
    wanted = estimating.calls(request.member, text[:5000], personas)
    tenant = request.member.tenant_id
    return Afterwards(lambda: _priced(tenant, wanted))


def _priced(tenant: UUID, wanted: list[llm.Call]) -> HttpResponse:
    return JsonResponse({"type": "estimate", **estimate_body(async_to_sync(estimating.priced)(tenant, wanted))})


def _mine(request: MemberRequest, conversation: UUID, *, lock: bool = False) -> Conversation:
    try:
        return conversation_for(request.member, conversation, lock=lock)
    except Problem as problem:
        if wants_json(request):
            raise
        raise Http404(problem.message) from None


@require_GET
@member_required()
def show(request: MemberRequest, board: UUID) -> HttpResponse:
    """One question with its seats, by its conversation; `question` names another one than the last."""
    return _board(request, _mine(request, board))


def _board(request: MemberRequest, found: Conversation, problem: Problem | None = None) -> HttpResponse:
    try:
        named = request.GET.get("question")
        context = sitting.sitting(request.member, found, UUID(named) if named else None)
    except (Problem, ValueError) as missing:
        raise Http404(str(missing)) from None
    context["problem"] = problem
    return render(request, "boardroom/board.html", context, status=problem.status if problem else 200)


@member_required()
def again(request: MemberRequest, board: UUID) -> HttpResponse:
    """Without a script: another try at one answer (`message`), or the whole question once more."""
    if request.method != "POST":
        return redirect("board", board)
    found = _mine(request, board, lock=True)
    try:
        refused = ask_from_page(request.member, found.id, _another(request, found))
    except Problem as problem:
        refused = problem
    return _board(request, found, refused) if refused else redirect("board", board)


def _another(request: HttpRequest, found: Conversation) -> Ask:
    """Raises Problem("not_found") for what is not of this conversation."""
    client_id = client_id_of(request.POST)
    rows: Any = Message.objects.filter(conversation=found)
    try:
        named = rows.filter(id=UUID(request.POST.get("message", ""))).first()
    except ValueError:
        named = None
    if named is None:
        raise Problem("not_found", "There is no such answer in this conversation.")
    if named.kind == Message.Kind.ANSWER:
        return Ask(client_id, kind=Turn.Kind.REGENERATE, message=named.id)
    answers = rows.filter(parent=named, role=Message.Role.ANSWER, kind=Message.Kind.ANSWER)
    officers = dict.fromkeys(answers.order_by("turn__number", "position").values_list("persona", flat=True))
    return Ask(client_id, named.text, tuple(officers), named.parent_id)
