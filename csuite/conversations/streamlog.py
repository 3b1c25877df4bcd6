"""The stream log's writer: one per process, it stores the frames of all running turns before anybody sees them.

Log before send: what a reader saw is stored, so a killed process loses nothing that was shown, and any process can
serve any reader. One statement stores a batch and notifies the others; `synchronous_commit=off` lets a crashed
database (not a crashed process) lose the last 0.2 s. The writer spans tenants, so its connection is the platform's.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import orjson
import psycopg
import structlog

from csuite.conversations import notices
from csuite.conversations.events import AnswerStarted, Outcome
from csuite.conversations.framestore import FrameStore
from csuite.tenants.db import platform_connection

log = structlog.get_logger(__name__)

WINDOW = 0.010  # seconds deltas are gathered, at leading edge: a lone one goes at once
WINDOW_BUSY = 0.025
BUSY = 12  # streams; above it a flush costs more than the 12 ms that nobody sees
DEADLINE = 10.0  # seconds frames may wait for the database before their turns are given up

Stored = tuple[int, str]  # seq, JSON text of the frame


class Answer:
    """What one answer has said so far, and the numbers of its frames."""

    __slots__ = ("length", "message", "name", "outcome", "pieces", "seq_finished", "seq_started", "seq_text")

    def __init__(self, message: UUID) -> None:
        self.message, self.name = message, str(message)
        self.pieces: list[str] = []
        self.length = 0  # code points
        self.outcome: Outcome | None = None
        self.seq_started: int | None = None
        self.seq_text: int | None = None
        self.seq_finished: int | None = None

    @property
    def text(self) -> str:
        if len(self.pieces) > 1:  # asked for again and again while it grows
            self.pieces[:] = ["".join(self.pieces)]
        return "".join(self.pieces)


class Stream:
    """A running turn's frames on their way into the log."""

    __slots__ = (
        "answers",
        "conversation",
        "failed",
        "followed",
        "pending",
        "seq",
        "stored",
        "tenant",
        "turn",
        "turn_text",
    )

    def __init__(self, tenant: UUID, conversation: UUID, turn: UUID, messages: list[UUID]) -> None:
        self.tenant, self.conversation, self.turn = tenant, conversation, turn
        self.turn_text = str(turn)
        self.answers = {message: Answer(message) for message in messages}
        self.pending: list[Any] = []
        self.seq = -1  # of the last frame made
        self.stored = -1  # of the last frame stored
        self.failed = False
        self.followed = False  # by a reader on another process: only then are the others told of frames

    def put(self, event: dict[str, Any] | AnswerStarted | Outcome) -> None:
        self.pending.append(event)

    def text(self, answer: Answer, text: str) -> None:
        """Appends to the answer; deltas that wait together become one frame."""
        last = self.pending[-1] if self.pending else None
        if type(last) is list and last[0] is answer:
            last[2].append(text)
        else:
            self.pending.append([answer, answer.length, [text]])
        answer.pieces.append(text)
        answer.length += len(text)

    def take(self) -> list[Stored]:
        """Numbers the waiting frames and encodes them."""
        waiting, self.pending = self.pending, []
        return [self._encode(item) for item in waiting]

    def number_rest(self) -> None:
        """Numbers for what was never stored: the rows say it instead, to whoever reads on from the last frame."""
        self.pending = []
        for answer in self.answers.values():
            if answer.length:
                self.seq += 1
                answer.seq_text = self.seq
            self.seq += 1
            answer.seq_finished = self.seq

    def _encode(self, item: Any) -> Stored:
        self.seq += 1
        if type(item) is list:  # a delta: the many, so encoded without a detour
            answer, at, pieces = item
            answer.seq_text = self.seq
            body = {"type": "text.delta", "message": answer.name, "at": at, "text": "".join(pieces)}
        elif isinstance(item, AnswerStarted):
            self.answers[item.message].seq_started = self.seq
            body = item.body()
        elif isinstance(item, Outcome):
            self.answers[item.message].seq_finished = self.seq
            body = item.body()
        else:
            body = dict(item)
        body["turn"], body["seq"] = self.turn_text, self.seq
        return self.seq, orjson.dumps(body).decode()


Deliver = Callable[[Stream, list[Stored]], None]
GiveUp = Callable[[Stream], None]


class Writer:
    """Gathers, stores, then delivers. `give_up` hears of turns whose frames could not be stored in time."""

    def __init__(self, origin: UUID, deliver: Deliver, give_up: GiveUp) -> None:
        self.origin, self._deliver, self._give_up = origin, deliver, give_up
        self._dirty: dict[Stream, None] = {}
        self._kick = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._last = 0.0
        self._waiting: list[asyncio.Future[None]] = []
        self.store = FrameStore()
        self._loop = asyncio.get_running_loop()
        self.streams = 0  # running turns, for the window

    def wake(self, stream: Stream, *, urgent: bool = False) -> None:
        """Says that `stream` has frames waiting. Urgent ones (first and last of an answer) go at once."""
        self._dirty[stream] = None
        if self._kick.is_set():
            return
        window = WINDOW if self.streams < BUSY else WINDOW_BUSY
        due = self._last + window
        if urgent or due <= self._loop.time():
            self._cancel_timer()
            self._kick.set()
        elif self._timer is None:
            self._timer = self._loop.call_at(due, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self._kick.set()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def drained(self, stream: Stream) -> bool:
        """Waits until all of the stream's frames are stored; False when they were given up."""
        while not stream.failed and (stream.pending or stream.stored < stream.seq):
            self.wake(stream, urgent=True)
            flushed = self._loop.create_future()
            self._waiting.append(flushed)
            await flushed
        return not stream.failed

    async def run(self) -> None:
        """Runs until cancelled."""
        try:
            while True:
                await self._kick.wait()
                self._kick.clear()
                self._cancel_timer()
                self._last = self._loop.time()
                await self._flush()
        finally:
            await self.store.close()

    async def _flush(self) -> None:
        dirty, self._dirty = self._dirty, {}
        batch = [(stream, frames) for stream in dirty if (frames := self._taken(stream))]
        if batch:
            for stream, frames in await self._store(batch):
                stream.stored = frames[-1][0]
                self._deliver(stream, frames)
        waiting, self._waiting = self._waiting, []
        for flushed in waiting:
            if not flushed.done():
                flushed.set_result(None)

    def _taken(self, stream: Stream) -> list[Stored]:
        """The stream's waiting frames. One that cannot be encoded gives up its own turn, never the writer."""
        if stream.failed:
            return []
        try:
            return stream.take()
        except Exception:
            log.exception("stream_log_bad_frame", turn=stream.turn_text)
            self._fail(stream)
            return []

    async def _store(self, batch: list[tuple[Stream, list[Stored]]]) -> list[tuple[Stream, list[Stored]]]:
        """Stores the batch and returns what was stored. Reconnects and tries again until the deadline."""
        deadline = self._loop.time() + DEADLINE
        pause = 0.05
        while True:
            try:
                # Nothing says how long a connection that has died without a word stays silent.
                await asyncio.wait_for(self._insert(batch), DEADLINE)
                return batch
            except psycopg.DataError:
                return await self._store_singly(batch)
            except (psycopg.Error, OSError, TimeoutError) as error:
                log.warning("stream_log_retry", error=type(error).__name__, turns=len(batch))
                await self.store.close()
                if self._loop.time() > deadline:
                    for stream, _ in batch:
                        self._fail(stream)
                    return []
                await asyncio.sleep(pause)
                pause = min(pause * 2, 1.0)

    async def _store_singly(self, batch: list[tuple[Stream, list[Stored]]]) -> list[tuple[Stream, list[Stored]]]:
        """One bad row must not fail everybody's batch."""
        if len(batch) == 1:
            log.error("stream_log_bad_frame", turn=batch[0][0].turn_text)
            self._fail(batch[0][0])
            return []
        return [done for one in batch for done in await self._store([one])]

    def _fail(self, stream: Stream) -> None:
        stream.failed = True
        self._give_up(stream)

    async def _insert(self, batch: list[tuple[Stream, list[Stored]]]) -> None:
        rows = [
            {"tenant": stream.tenant, "turn": stream.turn_text, "seq": seq, "payload": payload}
            for stream, frames in batch
            for seq, payload in frames
        ]
        told = notices.frames_stored(self.origin, [stream.turn for stream, _ in batch if stream.followed])
        await self.store.store(orjson.dumps(rows), orjson.dumps(told))


Listener = Callable[[notices.Notice], None]


async def listen(origin: UUID, hear: Listener, reconnected: Callable[[], Awaitable[None]]) -> None:
    """Hears the notices of other processes, until cancelled. After a lost connection everything is read again."""
    pause = 0.1
    while True:
        try:
            async with await platform_connection("notices") as connection:
                await connection.execute(f"LISTEN {notices.CHANNEL}")
                await reconnected()
                pause = 0.1
                async for note in connection.notifies():
                    notice = notices.decode(note.payload)
                    if notice is not None and notice.by != origin.hex:
                        hear(notice)
        except (psycopg.Error, OSError) as error:
            log.warning("notices_lost", error=type(error).__name__)
        except Exception:  # a deaf process shows nothing of the others: whatever it was, listen again
            log.exception("notices_lost")
        await asyncio.sleep(pause)
        pause = min(pause * 2, 2.0)
