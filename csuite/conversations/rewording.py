"""A question in other words that is not asked again: its answers stay, and what is asked next follows the new words."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect

from csuite.conversations import notices
from csuite.conversations.access import conversation_for
from csuite.conversations.models import Message
from csuite.conversations.opening import check_text
from csuite.conversations.views import body_of, posted
from csuite.tenants.gate import member_required, wants_json
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.problems import Problem


@posted
@member_required()
def reword(request: MemberRequest, conversation: UUID) -> HttpResponse:
    """Takes `message` (a question's id) and `text`; the words before are kept. Answers {"text"} or the conversation."""
    found = conversation_for(request.member, conversation, lock=True)
    wanted = body_of(request)
    text = check_text(str(wanted.get("text") or ""))
    question = _question(found.id, str(wanted.get("message")))
    if text != question.text:
        question.earlier = [*(question.earlier or []), question.text]
        question.text = text
        question.save(update_fields=["text", "earlier"])
        notices.conversation_changed(found.id)
    return JsonResponse({"text": text}) if wants_json(request) else redirect("conversation", found.id)


def _question(conversation: UUID, message: str) -> Message:
    """A question that nobody is answering just now: what a model was asked must not change under its answer."""
    try:
        wanted = UUID(message)
    except ValueError:
        raise Problem("not_found", "There is no such question.") from None
    question: Message | None = Message.objects.filter(
        conversation_id=conversation, id=wanted, kind=Message.Kind.QUESTION
    ).first()
    if question is None:
        raise Problem("not_found", "There is no such question.")
    if question.children.filter(status__in=(Message.Status.QUEUED, Message.Status.STREAMING)).exists():
        raise Problem("bad_frame", "This question is being answered. Change it when its answers have ended.")
    return question
