"""Asks without a socket: from a page, where the question is taken up by whichever process runs turns, or a program."""

from collections.abc import Mapping
from uuid import UUID, uuid4

from csuite.conversations.models import Conversation, Turn
from csuite.conversations.opening import Ask, open_turn
from csuite.conversations.paths import last_answer, shown_path
from csuite.conversations.windows import outline
from csuite.tenants.models import Membership
from csuite.tenants.problems import Problem


def client_id_of(fields: Mapping[str, object]) -> str:
    """The sender's id for what it sends, or one of ours."""
    sent = fields.get("id")
    return sent if isinstance(sent, str) and 8 <= len(sent) <= 64 else str(uuid4())


def ask_from_page(member: Membership, conversation: UUID, ask: Ask) -> Problem | None:
    """Opens the turn inside the page's transaction, queued; a runner takes it up when that commits.

    Returns the Problem instead of raising it, so that the page can show it beside the kept text.
    """
    try:
        open_turn(member, conversation, ask, None)
    except Problem as problem:
        return problem
    return None


def parent_of(member: Membership, conversation: Conversation, client_id: str) -> UUID | None:
    """The answer that a question follows when its sender does not say: the last one on screen.

    A question that is sent again follows what it followed the first time. Hold the conversation's lock, or another
    copy of it may come in between.
    """
    seen = Turn.objects.filter(user_id=member.user_id, client_id=client_id).select_related("question").first()
    if seen is not None:
        first: UUID | None = seen.question.parent_id
        return first
    return last_answer(shown_path(outline(conversation), conversation.shown))
