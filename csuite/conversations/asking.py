"""Asks from a page: the question is stored here and taken up by whichever process runs turns."""

from uuid import UUID

from csuite.conversations.opening import Ask, open_turn
from csuite.tenants.models import Membership
from csuite.tenants.problems import Problem


def ask_from_page(member: Membership, conversation: UUID, ask: Ask) -> Problem | None:
    """Opens the turn inside the page's transaction, queued; a runner takes it up when that commits.

    Returns the Problem instead of raising it, so that the page can show it beside the kept text.
    """
    try:
        open_turn(member, conversation, ask, None)
    except Problem as problem:
        return problem
    return None
