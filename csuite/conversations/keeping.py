"""Pinning, archiving, deleting with a way back, and the list of what was put away."""

from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from csuite.conversations.access import conversation_for, not_found
from csuite.conversations.models import Conversation, Turn
from csuite.tenants.gate import member_required, wants_json
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.models import Membership
from csuite.tenants.problems import Problem

UNDO_FOR = timedelta(days=7)  # a deleted conversation can be brought back; then it goes with all that was said
LISTED = 200
AT_ONCE = 200  # conversations that one sweep removes
MARKS = {"pin": "pinned_at", "archive": "archived_at"}


def put_away(member: Membership) -> tuple[QuerySet[Conversation], QuerySet[Conversation]]:
    """The member's archived conversations, and the deleted ones that can be brought back; newest first."""
    mine = Conversation.objects.filter(tenant_id=member.tenant_id, user_id=member.user_id)
    archived = mine.filter(deleted_at=None).exclude(archived_at=None).order_by("-archived_at")
    deleted = mine.filter(deleted_at__gt=timezone.now() - UNDO_FOR).order_by("-deleted_at")
    return archived[:LISTED], deleted[:LISTED]


def bring_back(member: Membership, conversation: UUID) -> Conversation:
    """Undoes a deletion while that is possible; of one that is there it does nothing. Raises Problem("not_found")."""
    mine = Conversation.objects.filter(tenant_id=member.tenant_id, user_id=member.user_id, id=conversation)
    row: Conversation | None = mine.select_for_update().first()
    if row is None or (row.deleted_at and row.deleted_at < timezone.now() - UNDO_FOR):
        raise not_found()
    row.deleted_at = None
    row.save(update_fields=["deleted_at"])
    return row


def remove_deleted() -> int:
    """Deletes for good what nobody can bring back, in a platform scope. Cost rows stay in the ledger, which holds no
    text. How many it were."""
    running = Turn.objects.exclude(status=Turn.Status.FINISHED).values("conversation_id")
    over = Conversation.objects.filter(deleted_at__lt=timezone.now() - UNDO_FOR).exclude(id__in=running)
    gone = list(over.values_list("id", flat=True)[:AT_ONCE])
    Conversation.objects.filter(id__in=gone).delete()
    return len(gone)


def _mark(request: MemberRequest, conversation: UUID, kind: str) -> HttpResponse:
    """Sets or clears (`on` is 1 or 0) when it was pinned or archived."""
    try:
        found = conversation_for(request.member, conversation, lock=True)
    except Problem as problem:
        if wants_json(request):
            raise
        raise Http404(problem.message) from None
    on = request.POST.get("on", "1") == "1"
    setattr(found, MARKS[kind], timezone.now() if on else None)
    found.save(update_fields=[MARKS[kind]])
    if wants_json(request):
        return HttpResponse(status=204)
    return redirect("conversations") if kind == "archive" and on else redirect("conversation", found.id)


@require_POST
@member_required()
def pin(request: MemberRequest, conversation: UUID) -> HttpResponse:
    return _mark(request, conversation, "pin")


@require_POST
@member_required()
def archive(request: MemberRequest, conversation: UUID) -> HttpResponse:
    return _mark(request, conversation, "archive")


@require_POST
@member_required()
def restore(request: MemberRequest) -> HttpResponse:
    """Undo of a deletion: `conversation` is its id."""
    try:
        found = bring_back(request.member, UUID(request.POST.get("conversation", "")))
    except (ValueError, Problem):
        if wants_json(request):
            raise not_found() from None
        raise Http404("There is no such conversation.") from None
    return HttpResponse(status=204) if wants_json(request) else redirect("conversation", found.id)


@require_GET
@member_required()
def archived(request: MemberRequest) -> HttpResponse:
    rows, deleted = put_away(request.member)
    ends = [(row, row.deleted_at + UNDO_FOR) for row in deleted if row.deleted_at]
    context = {"archived": rows, "deleted": ends, "days": UNDO_FOR.days}
    return render(request, "conversations/archived.html", context)
