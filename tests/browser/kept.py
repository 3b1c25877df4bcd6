"""What is put away or given to others, for the pages that show it."""

import uuid

from django.utils import timezone

from csuite.conversations.models import Conversation, Export
from csuite.conversations.sharing import keeping
from csuite.tenants.models import Membership
from csuite.tenants.scope import tenant_scope


def share(conversation: uuid.UUID) -> uuid.UUID:
    """Elena's conversation as a link; beside it a file that is being written and two conversations put away."""
    member = Membership.objects.select_related("user", "tenant").get(user__email="elena@northwind.example")
    with tenant_scope(member.tenant_id):
        row = keeping.share(member, Conversation.objects.get(id=conversation), 7)
        Export.objects.create(user=member.user, format="zip", status="working", total=40, done=10)
        for field in ("archived_at", "deleted_at"):
            now = timezone.now()
            Conversation.objects.create(user=member.user, title="Put away", updated_at=now, **{field: now})
    return row.id
