"""What a person finds: her own conversations of the acting tenant, the best hit of each, newest first.

The index is reached through the database function conversation_search() alone, which asks for the tenant, the person
and the open scope; what it names is then read as ever, through the policies.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from csuite.conversations.models import Conversation, Message
from csuite.conversations.search.snippets import Piece, snippet, words_of
from csuite.tenants.models import Membership

MOST = 30
LONGEST = 200  # characters of what is searched for
Where = Literal["active", "archived", "all"]
_FUNCTION = "SELECT conversation, entry, is_title, at FROM conversation_search(%s, %s, %s, %s, %s, %s, %s, %s)"
_ARCHIVED: dict[Where, bool | None] = {"active": False, "archived": True, "all": None}


@dataclass(frozen=True, slots=True)
class Wanted:
    """`since` and `until` are days of the tenant's time zone, both included."""

    text: str
    persona: str = ""
    since: date | None = None
    until: date | None = None
    where: Where = "all"


@dataclass(frozen=True, slots=True)
class Hit:
    """`message` is None where the title was found. `persona` marks the conversation in the list."""

    conversation: UUID
    title: str
    persona: str
    archived: bool
    message: UUID | None
    speaker: str
    at: datetime
    snippet: tuple[Piece, ...]


def find(member: Membership, wanted: Wanted, most: int = MOST) -> list[Hit]:
    """In the member's tenant scope. Nothing for a text without words."""
    words = words_of(wanted.text[:LONGEST])
    if not words:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_FUNCTION, [member.tenant_id, member.user_id, _query(words), *_filters(member, wanted), most])
        rows = cursor.fetchall()
    return _hits(member, rows, words)


def _query(words: list[str]) -> str:
    """As to_tsquery reads it: every word, or one that begins so. Quotes and backslashes cannot be in a word."""
    return " & ".join("'" + word.replace("'", "''") + "':*" for word in words)


def _filters(member: Membership, wanted: Wanted) -> tuple[str, datetime | None, datetime | None, bool | None]:
    zone = ZoneInfo(member.tenant.time_zone)

    def begin(day: date | None, more: int = 0) -> datetime | None:
        return None if day is None else datetime.combine(day + timedelta(days=more), time(), zone)

    return wanted.persona, begin(wanted.since), begin(wanted.until, 1), _ARCHIVED[wanted.where]


def _hits(member: Membership, rows: list[tuple[UUID, UUID, bool, datetime]], words: list[str]) -> list[Hit]:
    mine = Conversation.objects.filter(tenant_id=member.tenant_id, user_id=member.user_id, deleted_at=None)
    conversations = {row.id: row for row in mine.filter(id__in=[conversation for conversation, *_ in rows])}
    said = Message.objects.filter(id__in=[entry for _, entry, is_title, _ in rows if not is_title])
    messages = {row.id: row for row in said.only("id", "text", "persona", "kind", "conversation_id", "tenant_id")}
    return [
        _hit(conversations[conversation], messages.get(entry), at, words)
        for conversation, entry, is_title, at in rows
        if conversation in conversations and (is_title or entry in messages)
    ]


def _hit(conversation: Conversation, message: Message | None, at: datetime, words: list[str]) -> Hit:
    personas = conversation.personas or ["cfo"]
    return Hit(
        conversation.id,
        str(conversation),
        personas[0] if len(personas) == 1 else "board",
        conversation.archived_at is not None,
        message.id if message else None,
        "" if message is None else "You" if message.kind == Message.Kind.QUESTION else message.persona.upper(),
        at,
        snippet(message.text if message else str(conversation), words),
    )
