"""What processes tell each other, over LISTEN/NOTIFY: kinds and ids, never text. Who hears one reads the rows.

A notice sent inside a transaction is heard when it commits, and not at all if it rolls back.
"""

from dataclasses import dataclass
from uuid import UUID

import orjson
from django.db import connection

CHANNEL = "csuite_turns"
LONGEST = 7_900  # NOTIFY holds 8,000 bytes


@dataclass(frozen=True, slots=True)
class Notice:
    """`kind`: turn (opened, queued, started), watching, frames, ended, stop, or changed (what pages show).

    `by` is the process that sent it.
    """

    kind: str
    by: str
    ids: tuple[str, ...]


def encode(kind: str, by: UUID | None, *ids: UUID | str | None) -> str:
    return orjson.dumps([kind, by.hex if by else "", *("" if i is None else str(i) for i in ids)]).decode()


def decode(payload: str) -> Notice | None:
    """None for what we do not understand: a newer process may say more than we know."""
    try:
        kind, by, *ids = orjson.loads(payload)
        return Notice(str(kind), str(by), tuple(str(i) for i in ids))
    except (ValueError, TypeError):
        return None


def frames_stored(by: UUID, turns: list[UUID]) -> list[str]:
    """The payloads that name these turns, as few as fit."""
    per = (LONGEST - 100) // 40
    return [encode("frames", by, *turns[i : i + per]) for i in range(0, len(turns), per)]


def _send(payload: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])


def turn_changed(conversation: UUID, turn: UUID, by: UUID | None = None) -> None:
    """A turn was opened, queued or taken up: sockets of the conversation want to know."""
    _send(encode("turn", by, conversation, turn))


def watching(turn: UUID, by: UUID) -> None:
    """Somebody on this process reads the turn: whoever runs it says from now on when frames are stored."""
    _send(encode("watching", by, turn))


def frames_now(turn: UUID, by: UUID) -> None:
    """The answer to `watching`: what was stored before we knew is to be read as well."""
    _send(encode("frames", by, turn))


def turn_ended(conversation: UUID, turn: UUID, by: UUID | None = None) -> None:
    _send(encode("ended", by, conversation, turn))


def conversation_changed(conversation: UUID) -> None:
    """A title, a wording or a choice is another one: open pages show it."""
    _send(encode("changed", None, conversation))


def stop_wanted(turn: UUID, message: UUID | None, by: UUID | None = None) -> None:
    """Whoever runs this turn stops it, or one answer of it."""
    _send(encode("stop", by, turn, message))
