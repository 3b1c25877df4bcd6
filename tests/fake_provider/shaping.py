"""How the bytes of a stream go out: in which form, cut where, how slowly. The journal counts what went out whole."""

import zlib
from collections import deque
from typing import TYPE_CHECKING

from tests.fake_provider.script import Answer

if TYPE_CHECKING:
    from tests.fake_provider.connection import Connection

BOM = b"\xef\xbb\xbf"
HUGE = 10 << 20  # bytes of one line
BYTE_EVERY = 0.02  # seconds, for a trickle without a pace of its own
HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\ncache-control: no-cache\r\n"
    b"transfer-encoding: chunked\r\nx-request-id: req_fake_%d\r\n%b\r\n"
)


def http_chunk(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


class Shape:
    """The body of one answer. `broken`: it was cut off, nothing more goes out."""

    def __init__(self, connection: "Connection", number: int, answer: Answer) -> None:
        self._connection, self._answer = connection, answer
        self._form = answer.form
        self._packing = zlib.compressobj(wbits=31) if self._form == "gzip" else None
        self._sent = 0
        self._queue: deque[tuple[bytes, str]] = deque()  # of a trickle: bytes, and the text that has gone out with them
        self._last = ""
        self._first = True
        self.broken = False
        self.plain = not self._form and answer.cut_at is None and answer.fault != "trickle"
        kind = b"text/html" if self._form == "wrongtype" else b"text/event-stream; charset=utf-8"
        lines = dict(answer.headers) | ({"content-encoding": "gzip"} if self._packing else {})
        extra = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        connection.write(HEAD % (kind, number, extra.encode("latin-1")))

    def send(self, events: bytes, text: str = "", tokens: int = 0) -> None:
        """Whole events, and the text and tokens they bring."""
        if self.plain:
            self._connection.write(http_chunk(events))
            self._credit(text, tokens)
            return
        if self.broken:
            return
        events = self._formed(events)
        if self._answer.fault == "trickle":
            self._queue.extend((bytes([byte]), "") for byte in events[:-1])
            self._queue.append((events[-1:], text))
            return
        room = len(events) if self._answer.cut_at is None else self._answer.cut_at - self._sent
        if room < len(events):
            if room > 0:
                self._connection.write(http_chunk(events[:room]))
            self.broken = True
            self._connection.reset()
            return
        self._sent += len(events)
        self._connection.write(http_chunk(events))
        self._credit(text, tokens)

    def end(self, outcome: str = "finished") -> None:
        """The proper end of the HTTP body, which need not be one of the answer."""
        if self._answer.fault == "trickle":
            self._last = outcome
            self._drip()
        elif not self.broken:
            rest = http_chunk(self._packing.flush()) if self._packing else b""
            self._connection.write(rest + b"0\r\n\r\n")
            self._connection.ended(outcome)

    def _drip(self) -> None:
        """The next byte of a trickle."""
        if not self._queue:
            self._connection.write(b"0\r\n\r\n")
            self._connection.ended(self._last)
            return
        byte, text = self._queue.popleft()
        self._connection.write(http_chunk(byte))
        self._credit(text, 1 if text else 0)
        self._connection.timer = self._connection.loop.call_later(self._answer.pace_ms / 1000 or BYTE_EVERY, self._drip)

    def _credit(self, text: str, tokens: int) -> None:
        entry = self._connection.entry
        if tokens and entry is not None:
            entry.tokens += tokens
            entry.text += text

    def _formed(self, events: bytes) -> bytes:
        if self._form == "crlf":
            events = events.replace(b"\n", b"\r\n")
        elif self._form == "cr":
            events = events.replace(b"\n", b"\r")
        elif self._form == "nospace":
            events = events.replace(b"data: ", b"data:").replace(b"event: ", b"event:")
        elif self._form == "multiline":  # JSON may go over lines: they are joined again
            events = events.replace(b'"choices":', b'\ndata: "choices":').replace(b'"delta":', b'\ndata: "delta":')
        elif self._form == "bom" and self._first:
            events = BOM + events
        elif self._form == "badutf8" and self._first:
            events = b'data: {"choices":[{"index":0,"delta":{"content":"\xff\xfe"}}]}\n\n' + events
        elif self._form == "huge" and self._first:
            events = b"data: " + b"x" * HUGE + b"\n\n" + events
        self._first = False
        if self._packing:
            return self._packing.compress(events) + self._packing.flush(zlib.Z_SYNC_FLUSH)
        return events
