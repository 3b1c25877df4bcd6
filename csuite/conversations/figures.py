"""The page of one figure of an answer. The drawer of the conversation shows the same."""

from typing import Any
from uuid import UUID

import orjson
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from csuite.conversations.access import conversation_for
from csuite.conversations.cards import card
from csuite.conversations.models import Frame, Message
from csuite.profiles.facts import whole
from csuite.tenants.gate import member_required
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.models import Membership
from csuite.tenants.problems import Problem


@require_GET
@member_required()
def figure(request: MemberRequest, answer: UUID, figure: str) -> HttpResponse:
    try:
        message = answer_for(request.member, answer)
    except Problem as problem:
        raise Http404(problem.message) from None
    evidence = evidence_of(message)
    ids = [one["id"] for one in evidence]
    if figure not in ids:
        raise Http404("There is no such figure in this answer.")
    at = ids.index(figure)
    context = {
        "message": message,
        "figure": evidence[at],
        "card": card(evidence[at], whole(request.member.tenant.today())),
        "place": at + 1,
        "count": len(ids),
        "before": ids[at - 1] if at else "",
        "after": ids[at + 1] if at + 1 < len(ids) else "",
    }
    return render(request, "conversations/figure.html", context)


def answer_for(member: Membership, answer: UUID) -> Message:
    """An answer of the member's own conversation. Raises Problem("not_found")."""
    message: Message | None = Message.objects.filter(
        tenant_id=member.tenant_id, id=answer, kind=Message.Kind.ANSWER
    ).first()
    if message is None:
        raise Problem("not_found", "There is no such answer.")
    conversation_for(member, message.conversation_id)
    return message


def evidence_of(message: Message) -> list[dict[str, Any]]:
    """In the order of the text; of an answer that is being written, what was checked so far."""
    if message.status != Message.Status.STREAMING:
        return list(message.evidence)
    frames = Frame.objects.filter(turn_id=message.turn_id, payload__contains='"answer.evidence"').order_by("seq")
    loaded = (orjson.loads(frame) for frame in frames.values_list("payload", flat=True))
    return [one for frame in loaded if frame["message"] == str(message.id) for one in frame["evidence"]]
