"""The product: conversations, their turns, and what was said."""

from csuite.conversations.models.conversation import Conversation
from csuite.conversations.models.decision import Decision, DecisionChange, DecisionReminder
from csuite.conversations.models.export import Export
from csuite.conversations.models.frame import Frame
from csuite.conversations.models.message import Message
from csuite.conversations.models.rating import Rating
from csuite.conversations.models.searched import SearchEntry
from csuite.conversations.models.share import Share
from csuite.conversations.models.turn import Turn

__all__ = [
    "Conversation",
    "Decision",
    "DecisionChange",
    "DecisionReminder",
    "Export",
    "Frame",
    "Message",
    "Rating",
    "SearchEntry",
    "Share",
    "Turn",
]
