"""Making, finding and revoking shares, in the tenant's scope."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from csuite.conversations.models import Conversation, Share
from csuite.conversations.models.conversation import TITLE_LENGTH
from csuite.conversations.snapshot import snapshot
from csuite.tenants.audit import record
from csuite.tenants.models import Membership, Role
from csuite.tenants.problems import Problem

DAYS = (1, 7, 30, 90)
MOST_OPEN = 100  # of one person


def share(member: Membership, conversation: Conversation, days: int) -> Share:
    """Keeps what is on screen now. Raises Problem("bad_frame") where there is nothing to share."""
    if days not in DAYS:
        raise Problem("bad_frame", f"A share lasts {', '.join(map(str, DAYS[:-1]))} or {DAYS[-1]} days.")
    kept = snapshot(member, conversation)
    if not any(turn["answers"] for turn in kept["turns"]) or conversation.temporary:
        raise Problem("bad_frame", "There is nothing to share yet.")
    if Share.open().filter(user=member.user).count() >= MOST_OPEN:
        raise Problem("rate_limited", "You share a hundred conversations. Revoke one first.")
    row: Share = Share.objects.create(
        conversation=conversation,
        user=member.user,
        title=kept["title"][:TITLE_LENGTH],
        snapshot=kept,
        expires_at=timezone.now() + timedelta(days=days),
    )
    record("share.created", user=member.user, target=str(row.id), conversation=str(conversation.id), days=days)
    return row


def shared(share_id: UUID) -> Share:
    """One that every member of the tenant may read now; not once its conversation is deleted.

    Raises Problem("not_found").
    """
    found: Share | None = Share.open().filter(id=share_id, conversation__deleted_at=None).select_related("user").first()
    if found is None:
        raise Problem("not_found", "There is no such page, or it is not shared any more.")
    return found


def shares_of(member: Membership) -> QuerySet[Share]:
    """Her own, newest first; an admin's list holds the whole company's. Without the snapshots."""
    rows: QuerySet[Share] = Share.objects.filter(conversation__deleted_at=None).select_related("user", "revoked_by")
    if member.role != Role.ADMIN:
        rows = rows.filter(user=member.user)
    return rows.defer("snapshot").order_by("-created_at")


def revoke(member: Membership, share_id: UUID) -> None:
    """At once, by who shared it or an admin. Twice is once. Raises Problem("not_found")."""
    mine = Q() if member.role == Role.ADMIN else Q(user=member.user)
    row = Share.objects.select_for_update(of=("self",)).defer("snapshot").filter(mine, id=share_id).first()
    if row is None:
        raise Problem("not_found", "There is no such share.")
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by = timezone.now(), member.user
        row.save(update_fields=["revoked_at", "revoked_by"])
        record("share.revoked", user=member.user, target=str(row.id), conversation=str(row.conversation_id))
