"""Who speaks in a conversation, for its pages: the officers, and the board whose synthesis comes last."""

from collections.abc import Iterable
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


def speakers_of(keys: Iterable[str]) -> dict[str, Any]:
    """By key: officers, also those switched off since; the board; and a name for whom nobody knows any more."""
    wanted = set(keys)
    named = {key: Speaker(key, key.upper()) for key in wanted}
    known = {officer.key: officer for officer in Persona.objects.filter(key__in=wanted - {BOARD})} if wanted else {}
    return {**named, **known, BOARD: SYNTHESIS}
