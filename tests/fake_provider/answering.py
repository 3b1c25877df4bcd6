"""One answer on one connection: paced by the loop's clock, without a task."""

import asyncio
import time
from typing import TYPE_CHECKING

from tests.fake_provider.journal import Entry
from tests.fake_provider.script import Answer
from tests.fake_provider.shaping import Shape
from tests.fake_provider.wire import Wire

if TYPE_CHECKING:
    from tests.fake_provider.connection import Connection

BATCH = 32  # pieces in one write when there is no pace
COMMENT_EVERY = 0.05  # seconds, for the faults "comments" and "idle"
THOUGHTS = 40  # of the fault "thinks"
ERRORS = {"errchunk": "", "erropenai": "openai", "errgroq": "groq", "erropenrouter": "openrouter"}
MIDWAY = ("cut", "stall", "fin", "malformed", "comments", "idle", "thinks", *ERRORS)


class Streamed:
    """Sends an answer as server-sent events."""

    def __init__(self, connection: "Connection", entry: Entry, answer: Answer, wire: Wire) -> None:
        self.connection, self.answer, self.wire = connection, answer, wire
        self.pieces, self.at = answer.pieces, 0
        midway = answer.fault in MIDWAY
        self.fault_at = (len(self.pieces) // 2 if answer.after is None else answer.after) if midway else -1
        self.thoughts = 0
        loop = connection.loop
        self.begun = loop.time() + answer.ttft_ms / 1000
        self.timer: asyncio.Handle = loop.call_at(self.begun, self.tick)
        self.shape = Shape(connection, entry.number, answer)
        self.shape.send(wire.opening())

    def tick(self) -> None:
        """Sends what is due and sets the next timer."""
        if self.shape.broken:
            return
        if self.at == self.fault_at:
            self.fault_at = -1
            if self._fail():
                return
        step = self.answer.pace_ms / 1000 if self.answer.fault != "trickle" else 0.0
        end = min(len(self.pieces), self.at + (1 if step else BATCH))
        if self.fault_at > self.at:
            end = min(end, self.fault_at)
        self._send(self.pieces[self.at : end])
        self.at = end
        if end < len(self.pieces) or self.fault_at == end:
            if not self.connection.paused:
                self.timer = self.connection.loop.call_at(self.begun + end * step, self.tick)
            return
        self.shape.send(self.wire.closing(end))
        self.shape.end()

    def resume(self) -> None:
        """The client reads again."""
        self.timer.cancel()
        self.timer = self.connection.loop.call_soon(self.tick)

    def _send(self, pieces: list[str]) -> None:
        """In one write where the bytes go out as they are; else one by one, so that the journal stays exact."""
        if pieces and self.shape.plain:
            self.shape.send(b"".join([self._piece(piece) for piece in pieces]), "".join(pieces), len(pieces))
            return
        for piece in pieces:
            self.shape.send(self._piece(piece), piece, 1)

    def _piece(self, piece: str) -> bytes:
        return self.wire.piece(f"{piece}~{time.monotonic_ns()}~" if self.answer.stamp else piece)

    def _fail(self) -> bool:
        """Does what the fault says; True if that was the end."""
        fault = self.answer.fault
        if fault == "malformed":
            self.shape.send(self.wire.malformed())
            return False
        if fault in ("comments", "idle"):
            self.shape.send(b": still thinking\n\n" if fault == "comments" else self.wire.idle())
            self._again(COMMENT_EVERY)
        elif fault == "thinks" and self.thoughts < THOUGHTS:
            self.thoughts += 1
            self.shape.send(self.wire.thought("Hm. "))
            self._again(self.answer.pace_ms / 1000)
        elif fault == "thinks":
            self.begun = self.connection.loop.time()
            return False
        elif fault in ERRORS:
            self.shape.send(self.wire.error(ERRORS[fault]))
            self.shape.end("faulted")
        elif fault == "fin":
            self.shape.end("faulted")
        elif fault == "cut":
            self.connection.reset()
        return True  # stall: silence until the client leaves

    def _again(self, after: float) -> None:
        self.fault_at = self.at
        self.timer = self.connection.loop.call_later(after, self.tick)

    def cancel(self) -> None:
        self.timer.cancel()
