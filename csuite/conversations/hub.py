"""Who watches what, in this process: seats (sockets, SSE readers) in rooms (conversations), at feeds (turns).

A seat sees every frame of a turn once and in order: what is past comes from the log or the rows, what is live from
the writer of this process or, for a turn that runs elsewhere, from the log whenever its process says it wrote.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Protocol
from uuid import UUID

import orjson
import structlog
from django.db import DatabaseError

from csuite.conversations import events, notices
from csuite.conversations.models import Turn
from csuite.conversations.replay import frames_after, running_and_queued
from csuite.conversations.streamlog import Stored, Stream
from csuite.tenants.db import in_db
from csuite.tenants.problems import Problem

log = structlog.get_logger(__name__)

AGAIN_AFTER = 0.5  # seconds


class Seat(Protocol):
    """A reader. `push` never waits; a reader that cannot keep up is the seat's own business."""

    tenant: UUID
    conversation: UUID

    def push(self, text: str) -> None: ...


class Watch:
    """One seat at one turn: `sent` is the last number it has; None in `backlog` means live."""

    __slots__ = ("backlog", "seat", "sent")

    def __init__(self, seat: Seat, after: int) -> None:
        self.seat, self.sent = seat, after
        self.backlog: list[Stored] | None = []

    def give(self, frames: list[Stored]) -> None:
        if self.backlog is not None:
            self.backlog += frames
            return
        for seq, text in frames:
            if seq > self.sent:
                self.sent = seq
                self.seat.push(text)

    def catch_up(self, past: list[Stored]) -> None:
        later, self.backlog = self.backlog or [], None
        self.give(past)
        self.give(later)


class Feed:
    """The watches of one turn. `known` is the newest frame read for a turn that runs elsewhere."""

    __slots__ = ("again", "known", "local", "reading", "stream", "tenant", "watches")

    def __init__(self, tenant: UUID, *, local: bool) -> None:
        self.tenant, self.local = tenant, local
        self.stream: Stream | None = None  # of a turn that runs here
        self.watches: dict[Seat, Watch] = {}
        self.known = -1
        self.reading = self.again = False


class Hub:
    """`spawn` runs a coroutine beside the others: one slow reading must not hold up the notices behind it."""

    def __init__(self, origin: UUID, spawn: Callable[[Coroutine[Any, Any, None]], object]) -> None:
        self.origin, self._spawn = origin, spawn
        # What each seat has been told runs (by hello or by frames): it is not shown again from the beginning.
        self.rooms: dict[UUID, dict[Seat, set[UUID]]] = {}
        self.feeds: dict[UUID, Feed] = {}
        self.on_stop: Callable[[UUID, UUID | None], bool] = lambda turn, message: False
        self.on_waiting: Callable[[UUID], None] = lambda conversation: None

    # Seats

    def enter(self, seat: Seat, known: Iterable[UUID] = ()) -> None:
        """Takes the seat into its room; it knows already that these turns run."""
        self.rooms.setdefault(seat.conversation, {})[seat] = set(known)

    def told(self, seat: Seat, turn: UUID) -> bool:
        """Marks the turn as known to the seat; False if it was already, or the seat has left."""
        known = self.rooms.get(seat.conversation, {}).get(seat)
        if known is None or turn in known:
            return False
        known.add(turn)
        return True

    def leave(self, seat: Seat) -> None:
        room = self.rooms.get(seat.conversation, {})
        room.pop(seat, None)
        if not room:
            self.rooms.pop(seat.conversation, None)
        for turn, feed in list(self.feeds.items()):
            if feed.watches.pop(seat, None) is not None:
                self._tidy(turn)

    async def watch(self, seat: Seat, turn: UUID, after: int) -> None:
        """Sends every frame above `after`, then the live ones.

        Raises Problem("not_found") for a turn that is not of the seat's conversation: nothing is given before the
        rows have said that it is.
        """
        self.told(seat, turn)
        feed = self.feeds.setdefault(turn, Feed(seat.tenant, local=False))
        watch = feed.watches[seat] = Watch(seat, after)
        follow = None if feed.local else self.origin
        found = await in_db(_frames_and_follow, turn, after, seat.conversation, follow, tenant=seat.tenant)
        if found is None:
            feed.watches.pop(seat, None)
            self._tidy(turn)
            raise Problem("not_found", "There is no such turn.")
        feed.tenant = seat.tenant  # a stranger may have been the first to try
        ended, past = found
        watch.catch_up(past)
        if not feed.local:
            feed.known = max(feed.known, watch.sent)
        if ended and feed.watches.get(seat) is watch:
            del feed.watches[seat]
            self._tidy(turn)

    def _tidy(self, turn: UUID) -> None:
        feed = self.feeds.get(turn)
        if feed is not None and not feed.watches and not feed.local:
            del self.feeds[turn]

    # Turns of this process

    def started(self, stream: Stream) -> None:
        """A turn begins here: everybody in the room watches it from its first frame."""
        feed = self.feeds.setdefault(stream.turn, Feed(stream.tenant, local=True))
        feed.local, feed.stream = True, stream
        for seat in self.rooms.get(stream.conversation, {}):
            if self.told(seat, stream.turn):
                watch = feed.watches[seat] = Watch(seat, -1)
                watch.backlog = None

    def deliver(self, stream: Stream, frames: list[Stored]) -> None:
        feed = self.feeds.get(stream.turn)
        if feed is not None:
            for watch in feed.watches.values():
                watch.give(frames)

    def ended(self, turn: UUID, seq: int) -> None:
        """The turn of this process is closed and committed."""
        feed = self.feeds.pop(turn, None)
        if feed is not None:
            last = orjson.dumps(events.turn_finished(turn, seq)).decode()
            for watch in feed.watches.values():
                watch.give([(seq, last)])

    async def handed_over(self, turn: UUID) -> None:
        """Somebody else closed a turn of this process: what its rows say is what counts."""
        feed = self.feeds.get(turn)
        if feed is not None:
            feed.local = False
            await self._refresh(turn, feed)

    async def announce(self, tenant: UUID, conversation: UUID, turn: UUID) -> None:
        """A turn was opened or taken up: tell the room what it is now."""
        room = list(self.rooms.get(conversation, {}))
        if not room:
            return
        found = await in_db(queue_place, turn, tenant=tenant)
        if found is None:
            return
        row, position = found
        for seat in room:
            if row.status == Turn.Status.QUEUED:
                seat.push(orjson.dumps(events.turn_queued(row.id, row.client_id, position)).decode())
            elif self.told(seat, turn):
                await self.watch(seat, turn, -1)

    # Notices of other processes

    def hear(self, notice: notices.Notice) -> None:
        ids = [UUID(i) if i else None for i in notice.ids]
        if notice.kind == "frames":
            for turn in ids:
                feed = self.feeds.get(turn) if turn else None
                if turn and feed is not None and not feed.local:
                    self._spawn(self._refresh(turn, feed))
        elif notice.kind == "watching" and ids[0]:
            self._followed(ids[0])
        elif notice.kind == "turn" and ids[0] and ids[1]:
            if not notice.by:  # opened by a page, which runs nothing itself
                self.on_waiting(ids[0])
            self._tell_room(ids[0], ids[1])
        elif notice.kind == "ended" and ids[0] and ids[1]:
            feed = self.feeds.get(ids[1])
            if feed is None:  # it ended without having begun: stopped in the queue
                self._tell_room(ids[0], ids[1])
            elif not feed.local:
                self._spawn(self._refresh(ids[1], feed))
        elif notice.kind == "stop" and ids[0]:
            self.on_stop(ids[0], ids[1])
        elif notice.kind == "changed" and ids[0]:
            frame = orjson.dumps(events.conversation_changed(ids[0])).decode()
            for seat in self.rooms.get(ids[0], {}):
                seat.push(frame)

    def _tell_room(self, conversation: UUID, turn: UUID) -> None:
        for seat in self.rooms.get(conversation, {}):
            self._spawn(self.announce(seat.tenant, conversation, turn))
            return

    async def refresh_all(self) -> None:
        """After a silence: read again what somebody watches and another process writes, and what was begun since."""
        for turn, feed in list(self.feeds.items()):
            if not feed.local:
                self._spawn(self._refresh(turn, feed))
        for conversation, room in list(self.rooms.items()):
            for seat in list(room)[:1]:
                self._spawn(self._look_again(seat.tenant, conversation))

    def _followed(self, turn: UUID) -> None:
        """A reader on another process: tell it of frames from now on, and of those that are stored already."""
        feed = self.feeds.get(turn)
        if feed is not None and feed.stream is not None and not feed.stream.followed:
            feed.stream.followed = True
            self._spawn(in_db(notices.frames_now, turn, self.origin, tenant=feed.tenant))

    async def follow_up(self, every: float) -> None:
        """Says again what is watched here and runs elsewhere, and looks: a notice may have been lost on either side."""
        while True:
            await asyncio.sleep(every)
            for turn, feed in list(self.feeds.items()):
                if not feed.local and feed.watches:
                    with contextlib.suppress(DatabaseError):
                        await in_db(notices.watching, turn, self.origin, tenant=feed.tenant)
                    self._spawn(self._refresh(turn, feed))

    async def _look_again(self, tenant: UUID, conversation: UUID) -> None:
        found = await in_db(running_and_queued, conversation, tenant=tenant)
        for one in (*found["running"], *found["queued"]):
            await self.announce(tenant, conversation, UUID(one["turn"]))

    async def _refresh(self, turn: UUID, feed: Feed) -> None:
        if feed.reading:
            feed.again = True
            return
        feed.reading = True
        try:
            feed.again = True
            while feed.again:
                feed.again = False
                try:
                    await self._read(turn, feed)
                except DatabaseError:  # no other notice may come: a reader must not wait for one
                    log.warning("feed_read_again", turn=str(turn))
                    await asyncio.sleep(AGAIN_AFTER)
                    feed.again = bool(feed.watches)
        finally:
            feed.reading = False

    async def _read(self, turn: UUID, feed: Feed) -> None:
        lowest = min((w.sent for w in feed.watches.values() if w.backlog is None), default=feed.known)
        found = await in_db(frames_after, turn, lowest, None, tenant=feed.tenant)
        ended, frames = found or (True, [])
        for watch in list(feed.watches.values()):
            watch.give(frames)
        if frames:
            feed.known = frames[-1][0]
        if ended:
            feed.watches = {s: w for s, w in feed.watches.items() if w.backlog is not None}
            self._tidy(turn)


def _frames_and_follow(
    turn: UUID, after: int, conversation: UUID, follow: UUID | None
) -> tuple[bool, list[Stored]] | None:
    """What `frames_after` gives; of a turn that still runs elsewhere, process `follow` will hear of the rest."""
    found = frames_after(turn, after, conversation)
    if found is not None and not found[0] and follow is not None:
        notices.watching(turn, by=follow)
    return found


def queue_place(turn_id: UUID) -> tuple[Turn, int] | None:
    """The turn and its place in the queue (0: it does not wait)."""
    turn = Turn.objects.filter(id=turn_id).first()
    if turn is None:
        return None
    ahead = Turn.objects.filter(
        conversation_id=turn.conversation_id, status=Turn.Status.QUEUED, number__lte=turn.number
    ).count()
    return turn, ahead if turn.status == Turn.Status.QUEUED else 0
