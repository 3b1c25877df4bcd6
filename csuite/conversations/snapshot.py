"""A conversation as values: what is on screen, to be kept in a share or written to a file; or all of its branches."""

from datetime import datetime
from typing import Any

from csuite.conversations.models import Conversation, Message
from csuite.conversations.paths import Exchange, shown_path
from csuite.conversations.speaking import speakers_of
from csuite.tenants.models import Membership

OPEN = (Message.Status.QUEUED, Message.Status.STREAMING)


def snapshot(member: Membership, conversation: Conversation) -> dict[str, Any]:
    """Plain JSON of the path on screen. Answers that are still being written are left out."""
    path = shown_path(Message.objects.filter(conversation=conversation), conversation.shown)
    names = speakers_of(shown.message.persona for exchange in path for shown in exchange.answers)
    return {
        "title": str(conversation),
        "person": member.user.name or member.user.email,
        "company": member.tenant.name,
        "turns": [_turn(exchange, names) for exchange in path],
    }


def _turn(exchange: Exchange, names: dict[str, Any]) -> dict[str, Any]:
    done = [shown.message for shown in exchange.answers if shown.message.status not in OPEN]
    return {
        "question": {"text": exchange.question.text, "at": _time(exchange.question.created_at)},
        "answers": [_answer(message, names) for message in done],
    }


def _answer(message: Message, names: dict[str, Any]) -> dict[str, Any]:
    who = names[message.persona]
    return {
        "persona": message.persona,
        "name": who.name,
        "hue": who.hue,
        "text": message.text,
        "html": message.html,
        "status": message.status,
        "note": message.note,
        "provider": message.provider,
        "model": message.model,
        "at": _time(message.finished_at or message.created_at),
        "evidence": message.evidence,
    }


def branches(conversation: Conversation) -> dict[str, Any]:
    """Every message with its parent, oldest first: what was asked and answered on all branches."""
    rows = Message.objects.filter(conversation=conversation).order_by("created_at", "position")
    return {
        "id": str(conversation.id),
        "title": str(conversation),
        "created_at": _time(conversation.created_at),
        "updated_at": _time(conversation.updated_at),
        "archived": conversation.archived_at is not None,
        "pinned": conversation.pinned_at is not None,
        "shown": conversation.shown,
        "messages": [_message(row) for row in rows],
    }


def _message(row: Message) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": str(row.id),
        "parent": str(row.parent_id) if row.parent_id else None,
        "kind": row.kind,
        "at": _time(row.created_at),
        "text": row.text,
    }
    if row.kind == Message.Kind.ANSWER:
        found |= {
            "role": row.role,
            "persona": row.persona,
            "status": row.status,
            "provider": row.provider,
            "model": row.model,
            "prompt_version": row.prompt_version,
            "note": row.note,
            "evidence": row.evidence,
            "usage": row.usage,
        }
    return found


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
