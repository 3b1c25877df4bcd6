"""A part of a long path: a conversation of 500 turns opens with its last ones, and the others come on demand."""

from dataclasses import dataclass, replace
from uuid import UUID

from csuite.conversations.models import Conversation, Message
from csuite.conversations.paths import Exchange

TURNS = 30  # on a page
# What says where a message belongs. What it says is read only for the turns that are shown.
OUTLINE = ("id", "kind", "role", "persona", "position", "parent_id", "turn_id", "created_at", "conversation_id")


@dataclass(frozen=True, slots=True)
class Window:
    """`earlier`: the question before which more turns stand; `ended`: whether the last turn is among them."""

    exchanges: list[Exchange]
    earlier: UUID | None
    ended: bool


def outline(conversation: Conversation) -> list[Message]:
    """The messages without their words, in the order they were made."""
    return list(Message.objects.filter(conversation=conversation).only(*OUTLINE).order_by("created_at", "position"))


def window(path: list[Exchange], before: UUID | None = None, at: UUID | None = None) -> Window:
    """The last turns; those before the question `before`; or everything from the turn of the message `at` on. Pure."""
    end = next((n for n, one in enumerate(path) if one.question.id == before), len(path)) if before else len(path)
    start = max(end - TURNS, 0)
    if at is not None:
        start = min(next((n for n, one in enumerate(path) if _holds(one, at)), start), start)
    part = path[start:end]
    return Window(part, part[0].question.id if part and start else None, end == len(path))


def _holds(exchange: Exchange, message: UUID) -> bool:
    return exchange.question.id == message or any(shown.message.id == message for shown in exchange.answers)


def with_words(part: list[Exchange]) -> list[Exchange]:
    """The same turns with the whole rows of what they show."""
    wanted = [one.question.id for one in part] + [shown.message.id for one in part for shown in one.answers]
    whole = Message.objects.in_bulk(wanted) if wanted else {}
    return [
        replace(
            one,
            question=whole[one.question.id],
            answers=tuple(replace(shown, message=whole[shown.message.id]) for shown in one.answers),
        )
        for one in part
    ]
