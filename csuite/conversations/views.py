"""The pages of conversations. Everything works with plain forms; the socket makes it live."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from csuite.conversations import notices
from csuite.conversations.access import conversation_for
from csuite.conversations.asking import ask_from_page, client_id_of, parent_of
from csuite.conversations.models import Conversation
from csuite.conversations.models.conversation import TITLE_LENGTH
from csuite.conversations.opening import Ask
from csuite.conversations.pages import rail, thread
from csuite.conversations.paths import key_of, way_to
from csuite.conversations.rating import ratings_of
from csuite.conversations.windows import outline
from csuite.tenants.gate import member_required, wants_json
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.problems import Problem


def _conversation(request: MemberRequest, conversation: UUID, *, lock: bool = False) -> Conversation:
    try:
        return conversation_for(request.member, conversation, lock=lock)
    except Problem as problem:
        if wants_json(request):
            raise
        raise Http404(problem.message) from None


def _page(request: MemberRequest, conversation: Conversation | None, status: int = 200, **more: Any) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:200]
    context = {
        **thread(request.member, conversation, _id_in(request, "before"), _id_in(request, "at")),
        "rail": rail(request.member, current=conversation.id if conversation else None, query=query),
        "query": query,
        "ratings": ratings_of(request.member, conversation),
        "persona": request.GET.get("persona", "cfo"),
        "draft": request.GET.get("text", "")[:5000],
        "temporary": conversation.temporary if conversation else "temporary" in request.GET,
        "kept_hours": settings.TEMPORARY_CHAT_HOURS,
        **more,
    }
    return render(request, "conversations/page.html", context, status=status)


def _id_in(request: HttpRequest, name: str) -> UUID | None:
    """A message's id in the address; None where there is none or it makes no sense."""
    try:
        return UUID(request.GET[name])
    except (KeyError, ValueError):
        return None


View = Callable[..., HttpResponse]


def posted(view: View) -> View:
    """For POST; a GET (signing in again leads here) shows the conversation."""

    @wraps(view)
    def only(request: MemberRequest, conversation: UUID) -> HttpResponse:
        if request.method != "POST":
            return redirect("conversation", conversation)
        return view(request, conversation)

    return only


def conversations(request: MemberRequest) -> HttpResponse:
    return _create(request) if request.method == "POST" else _new(request)


@require_GET
@member_required()
def _new(request: MemberRequest) -> HttpResponse:
    """The list and an empty composer."""
    return _page(request, None)


@require_POST
@member_required()
def _create(request: MemberRequest) -> HttpResponse:
    """JSON gets {"id"}; a form is redirected to the conversation, with its question asked if it has one.

    The same `id` from the same person is the same conversation, so a retry after a lost reply asks nothing twice.
    """
    wanted = body_of(request)
    client_id = client_id_of(wanted)
    conversation, new = Conversation.objects.get_or_create(
        id=uuid.uuid5(request.member.id, client_id),
        defaults={
            "user": request.user,
            "temporary": bool(wanted.get("temporary")),
            "title": str(wanted.get("title") or "")[:TITLE_LENGTH],
            "updated_at": timezone.now(),
        },
    )
    refused = _refused(request, wanted, client_id, conversation) if wanted.get("text") else None
    if refused is not None and wants_json(request):
        raise refused
    if refused is not None:
        if new:
            conversation.delete()
        return _page(request, None, refused.status, problem=refused, draft=wanted["text"])
    if wants_json(request):
        return JsonResponse({"id": str(conversation.id)}, status=201)
    return redirect("conversation", conversation.id)


def _refused(
    request: MemberRequest, wanted: dict[str, Any], client_id: str, conversation: Conversation
) -> Problem | None:
    """Asks the first question; None when it was taken."""
    try:
        ask = _ask(wanted, client_id, None)
    except Problem as problem:
        return problem
    return ask_from_page(request.member, conversation.id, ask)


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The fields of a form or a JSON object. Raises Problem("bad_frame")."""
    if request.content_type != "application/json":
        return {
            **request.POST.dict(),
            "personas": request.POST.getlist("personas") or request.POST.getlist("persona"),
        }
    try:
        body = orjson.loads(request.body or b"{}")
    except orjson.JSONDecodeError:
        raise Problem("bad_frame", "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise Problem("bad_frame", "The body is not an object.")
    return body


def _ask(wanted: dict[str, Any], client_id: str, parent: UUID | None) -> Ask:
    text, personas = wanted.get("text"), wanted.get("personas") or ["cfo"]
    if not isinstance(text, str) or not isinstance(personas, list):
        raise Problem("bad_frame", "The text or the personas are not valid.")
    return Ask(client_id, text, tuple(str(key) for key in personas), parent)


@require_GET
@member_required()
def conversation(request: MemberRequest, conversation: UUID) -> HttpResponse:
    found = _conversation(request, conversation)
    at = _id_in(request, "at")
    if at is not None:
        _turn_to(found, at)
    return _page(request, found)


def _turn_to(conversation: Conversation, message: UUID) -> None:
    """A link to a message on another branch leads there; what was on screen is one step of the arrows away."""
    messages = {one.id: one for one in outline(conversation)}
    found = messages.get(message)
    if found is None:
        return
    way = way_to(found, messages)
    if not way.items() <= conversation.shown.items():
        conversation.shown = {**conversation.shown, **way}
        conversation.save(update_fields=["shown"])


@posted
@member_required()
def ask(request: MemberRequest, conversation: UUID) -> HttpResponse:
    """Asks without a script: the question follows what is on screen."""
    found = _conversation(request, conversation, lock=True)
    wanted = body_of(request)
    client_id = client_id_of(wanted)
    try:
        parent = parent_of(request.member, found, client_id)
        refused = ask_from_page(request.member, found.id, _ask(wanted, client_id, parent))
    except Problem as problem:
        refused = problem
    if refused is not None:
        return _page(request, found, refused.status, problem=refused, draft=wanted.get("text", ""))
    return redirect("conversation", found.id)


@posted
@member_required()
def rename(request: MemberRequest, conversation: UUID) -> HttpResponse:
    found = _conversation(request, conversation, lock=True)
    title = " ".join(str(body_of(request).get("title") or "").split())[:TITLE_LENGTH]
    if not title:
        raise Problem("bad_frame", "A conversation needs a title.")
    found.title = title
    found.save(update_fields=["title"])
    notices.conversation_changed(found.id)
    return JsonResponse({"title": title}) if wants_json(request) else redirect("conversation", found.id)


@posted
@member_required()
def delete(request: MemberRequest, conversation: UUID) -> HttpResponse:
    """Hides it at once; its running turn goes on to its end and stays hidden."""
    found = _conversation(request, conversation, lock=True)
    found.deleted_at = timezone.now()
    found.save(update_fields=["deleted_at"])
    notices.conversation_changed(found.id)
    if wants_json(request):
        return HttpResponse(status=204)
    return redirect(f"{reverse('conversations')}?deleted={found.id}")


@posted
@member_required()
def choose(request: MemberRequest, conversation: UUID) -> HttpResponse:
    """Which sibling is on screen, kept for the next visit: `message` is a question's or an answer's id."""
    found = _conversation(request, conversation, lock=True)
    try:
        message = found.messages.filter(id=UUID(str(body_of(request).get("message")))).first()
    except ValueError:
        message = None
    if message is None:
        raise Problem("not_found", "There is no such message.")
    found.shown = {**found.shown, key_of(message): str(message.id)}
    found.save(update_fields=["shown"])
    notices.conversation_changed(found.id)
    return HttpResponse(status=204) if wants_json(request) else redirect("conversation", found.id)
