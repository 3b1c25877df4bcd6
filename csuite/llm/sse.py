"""Server-sent events out of bytes, as the standard says, fed in pieces of any size. Pure.

`\\n`, `\\r\\n` and `\\r` end a line and nothing else does (str.splitlines would break at U+2028 inside JSON).
An event that is not ended by an empty line when the stream ends is dropped: it may be half.
"""

LIMIT = 1 << 20  # bytes of one event; a provider that sends more is broken or hostile
BOM = b"\xef\xbb\xbf"


class TooLarge(ValueError):
    """One event is larger than the limit."""


# Name (empty for a plain message) and the joined data lines, not decoded. A plain tuple: there is one per token.
Event = tuple[bytes, bytes]


class Decoder:
    """`feed` bytes, get the events that are whole."""

    __slots__ = ("_cr", "_held", "_limit", "_size", "_start")

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._held: list[bytes] = []  # the event that is not whole yet, in pieces: joined once
        self._size = 0
        self._cr = False  # the last byte was \r: a \n that follows belongs to it
        self._start = True

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that end within `chunk`. Raises TooLarge."""
        if self._start:
            chunk = self._skip_bom(chunk)
        if self._cr and chunk:
            self._cr = False
            if chunk.startswith(b"\n"):
                chunk = chunk[1:]
        if b"\r" in chunk:
            self._cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if self._held:
            if b"\n\n" not in chunk and not (chunk.startswith(b"\n") and self._held[-1].endswith(b"\n")):
                self._hold(chunk)
                return []
            chunk = b"".join((*self._held, chunk))
            self._held.clear()
            self._size = 0
        *blocks, rest = chunk.split(b"\n\n")
        if rest:
            self._hold(rest)
        return [event for block in blocks if (event := self._event(block)) is not None]

    def _event(self, block: bytes) -> Event | None:
        if len(block) > self._limit:
            raise TooLarge(f"an event of {len(block)} bytes")
        if block.startswith(b"data: ") and b"\n" not in block:  # nearly all of them
            return b"", block[6:]
        name, data = b"", []
        for line in block.split(b"\n"):
            field, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if field == b"data":
                data.append(value)
            elif field == b"event":
                name = value
        return (name, b"\n".join(data)) if data else None

    def _hold(self, piece: bytes) -> None:
        if piece:
            self._held.append(piece)
            self._size += len(piece)
            if self._size > self._limit:
                raise TooLarge(f"an event of more than {self._limit} bytes")

    def _skip_bom(self, chunk: bytes) -> bytes:
        head = b"".join(self._held) + chunk
        self._held.clear()
        self._size = 0
        if len(head) < len(BOM) and BOM.startswith(head):
            self._hold(head)
            return b""
        self._start = False
        return head.removeprefix(BOM)
