"""Which turns live, and which of them nobody wants any more."""

from uuid import UUID

from django.db import connection

# Conversation deleted, person or membership or company suspended: the answer must not go on (THREATS T7, F24).
BEAT = """
UPDATE conversations_turn t SET heartbeat_at = now() FROM conversations_conversation c
WHERE t.id = ANY(%s) AND t.runner = %s AND t.status = 'running' AND c.id = t.conversation_id
RETURNING t.id, c.deleted_at IS NULL AND EXISTS (
  SELECT FROM tenants_membership m JOIN tenants_user u ON u.id = m.user_id JOIN tenants_tenant n ON n.id = m.tenant_id
  WHERE m.user_id = t.user_id AND m.tenant_id = t.tenant_id AND m.is_active AND u.is_active AND n.is_active
)
"""


def beat(runner: UUID, turns: list[UUID]) -> dict[UUID, bool]:
    """Keeps these running turns alive; says of each that is still the runner's whether it is wanted.

    Only turns that are really held: one that was claimed and lost on its way must be found by the sweeper.
    """
    with connection.cursor() as cursor:
        cursor.execute(BEAT, [turns, runner])
        return dict(cursor.fetchall())
