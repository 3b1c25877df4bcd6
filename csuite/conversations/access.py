"""The only way to a conversation: a stranger's id and one that does not exist are the same."""

from uuid import UUID

from csuite.conversations.models import Conversation
from csuite.tenants.models import Membership
from csuite.tenants.problems import Problem


def not_found() -> Problem:
    return Problem("not_found", "There is no such conversation.")


def conversation_for(member: Membership, conversation_id: UUID, *, lock: bool = False) -> Conversation:
    """The member's own conversation, inside her tenant's scope. `lock` serializes writers of this conversation.

    Raises Problem("not_found").
    """
    rows = Conversation.objects.filter(
        tenant_id=member.tenant_id, user_id=member.user_id, id=conversation_id, deleted_at=None
    )
    if lock:
        rows = rows.select_for_update()
    conversation: Conversation | None = next(iter(rows), None)  # first() would sort what is one row
    if conversation is None:
        raise not_found()
    return conversation
