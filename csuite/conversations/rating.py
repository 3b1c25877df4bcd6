"""What readers say of answers: given, changed, taken back, and counted for the usage page."""

from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from csuite.analytics.ratings import Part, Ratings
from csuite.conversations.access import conversation_for
from csuite.conversations.models import Conversation, Message, Rating
from csuite.conversations.models.rating import LONGEST_COMMENT
from csuite.tenants.gate import member_required, wants_json
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.models import Membership
from csuite.tenants.problems import Problem

THUMBS = {"1": True, "0": False, "": None}


def rate(member: Membership, message: UUID, good: bool | None, reason: str = "", comment: str = "") -> Message:
    """Keeps the member's word on an answer of her own conversation; `good` None takes it back.

    Raises Problem("not_found"), or "bad_frame" for a reason that does not fit the thumb.
    """
    found: Message | None = (
        Message.objects.filter(id=message, kind=Message.Kind.ANSWER).select_related("conversation").first()
    )
    if found is None:
        raise Problem("not_found", "There is no such answer.")
    conversation_for(member, found.conversation_id)
    mine = Rating.objects.filter(message=found, user=member.user)
    if good is None:
        mine.delete()
        return found
    if reason and reason not in (Rating.GOOD_REASONS if good else Rating.BAD_REASONS):
        raise Problem("bad_frame", "This reason does not belong to that thumb.")
    values = {"good": good, "reason": reason, "comment": comment.strip()[:LONGEST_COMMENT]}
    Rating.objects.update_or_create(message=found, user=member.user, defaults=values)
    return found


def ratings_of(member: Membership, conversation: Conversation | None) -> dict[UUID, Rating]:
    """The member's own in one conversation, by message."""
    if conversation is None:
        return {}
    rows = Rating.objects.filter(user=member.user, message__conversation=conversation)
    return {row.message_id: row for row in rows}


def count(tenant: UUID, since: datetime, until: datetime) -> Ratings:
    """For csuite.analytics.ratings."""
    found = _rows(tenant, since, until).aggregate(rated=Count("id"), good=Count("id", filter=Q(good=True)))
    return Ratings(found["rated"], found["good"])


def parts(tenant: UUID, since: datetime, until: datetime, by: str) -> list[Part]:
    """The same for each persona, prompt version or model (`by`: the field of the answer), most rated first."""
    found = _rows(tenant, since, until).values_list(f"message__{by}")
    found = found.annotate(rated=Count("id"), liked=Count("id", filter=Q(good=True))).order_by("-rated")
    return [Part(name or "unknown", Ratings(rated, liked)) for name, rated, liked in found]


def _rows(tenant: UUID, since: datetime, until: datetime) -> QuerySet[Rating]:
    rows: QuerySet[Rating] = Rating.objects.filter(tenant_id=tenant, updated_at__gte=since, updated_at__lt=until)
    return rows


@require_POST
@member_required()
def rated(request: MemberRequest) -> HttpResponse:
    """`message`, `good` (1, 0, or empty to take it back), `reason`, `comment`. A form goes back to the answer."""
    form = request.POST
    try:
        message = rate(
            request.member,
            _id(form.get("message")),
            _thumb(form.get("good")),
            form.get("reason", ""),
            form.get("comment", ""),
        )
    except Problem as problem:
        if wants_json(request) or problem.code != "not_found":
            raise
        raise Http404(problem.message) from None
    if wants_json(request):
        return HttpResponse(status=204)
    return redirect(reverse("conversation", args=[message.conversation_id]) + f"?at={message.id}#m-{message.id}")


def _id(sent: str | None) -> UUID:
    try:
        return UUID(str(sent))
    except ValueError:
        raise Problem("not_found", "There is no such answer.") from None


def _thumb(sent: str | None) -> bool | None:
    if sent not in THUMBS:
        raise Problem("bad_frame", "A thumb is 1, 0 or nothing.")
    return THUMBS[sent]
