"""Who speaks in a conversation, for its pages: the officers, and the board whose synthesis comes last."""

from dataclasses import dataclass
from typing import Any

from csuite.conversations.boardroom import BOARD
from csuite.personas.models import Persona


@dataclass(frozen=True, slots=True)
class Speaker:
    """Has what a page shows of an officer."""

    key: str
    name: str
    byline: str = ""
    title: str = ""

    @property
    def hue(self) -> str:
        return BOARD


SYNTHESIS = Speaker(BOARD, "Synthesis", "What the officers agree on, and where they differ")


def speaker(key: str) -> Any:
    """An officer, also one that has been switched off since; the board; or a name for whom nobody knows any more."""
    if key == BOARD:
        return SYNTHESIS
    return Persona.objects.filter(key=key).first() or Speaker(key, key.upper())
