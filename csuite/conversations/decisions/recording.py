"""What a decision rests on, copied when it is proposed: the decision is the company's, the conversation its asker's."""

from datetime import datetime
from typing import Any
from uuid import UUID

from csuite.conversations.boardroom import minutes
from csuite.conversations.models import Conversation, Message
from csuite.conversations.speaking import speakers_of
from csuite.tenants.models import Membership
from csuite.tenants.problems import Problem


def message_for(member: Membership, message_id: UUID) -> Message:
    """The member's own complete answer. Raises Problem("not_found")."""
    conversations = Conversation.objects.filter(user_id=member.user_id, deleted_at=None)
    found: Message | None = Message.objects.filter(
        id=message_id, kind=Message.Kind.ANSWER, status=Message.Status.COMPLETE, conversation__in=conversations
    ).first()
    if found is None:
        raise Problem("not_found", "There is no such answer.")
    return found


def record_of(message: Message, asker: str) -> dict[str, Any]:
    """Question, answers and minutes: of a synthesis all the answers that it read, else this one alone."""
    question = Message.objects.get(conversation_id=message.conversation_id, id=message.parent_id)
    found = minutes.read(message.synthesis)
    if found is None:
        rows = [message]
    else:
        by_id = {str(m.id): m for m in Message.objects.filter(id__in=list(found.answers.values()))}
        rows = [by_id[one] for one in found.answers.values() if one in by_id]
    return {
        "question": question.text,
        "asked_by": asker,
        "asked_at": question.created_at.isoformat(),
        "answers": [_answer(row) for row in rows],
        "minutes": message.synthesis,
        "minutes_version": message.prompt_version if found else "",
    }


def _answer(row: Message) -> dict[str, Any]:
    who = speakers_of([row.persona])[row.persona]
    return {
        "persona": row.persona,
        "name": who.name,
        "hue": who.hue,
        "text": row.text,
        "evidence": row.evidence,
        "provider": row.provider,
        "model": row.model,
        "prompt_version": row.prompt_version,
        "finished_at": row.finished_at.isoformat() if isinstance(row.finished_at, datetime) else None,
    }
