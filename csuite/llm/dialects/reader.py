"""What the readers of all dialects share: one JSON object or server-sent events, whichever the bytes are.

Pure, so that recordings test it without a socket.
"""

import logging
from collections.abc import Mapping
from typing import Any

import orjson

from csuite.llm.dialects import Said
from csuite.llm.errors import BrokenOff, LLMError, Malformed
from csuite.llm.providers import Provider
from csuite.llm.refusals import describe, refusal
from csuite.llm.sse import Decoder, TooLarge
from csuite.llm.usage import UNSAID

log = logging.getLogger(__name__)
BODY_LIMIT = 32 << 20  # bytes of an answer that is not streamed
ODD = (orjson.JSONDecodeError, AttributeError, TypeError, KeyError, IndexError, ValueError)


class Reader:
    """Fed with the body of a 200; fills `said`. What it is (events or one JSON object) shows in its first byte."""

    def __init__(self, row: Provider, said: Said) -> None:
        self.said = said
        self.over = False
        self.error: LLMError | None = None
        self.moved = False
        self._row = row
        self._usage = row.usage
        self._decoder = Decoder()
        self._events = 0
        self._whole: bytearray | None = None  # one JSON object, not events
        self._sniffed = False

    def opened(self, headers: Mapping[str, str]) -> None:
        """Takes the provider's id of the request."""
        self.said.request_id = next((value for name in self._row.request_id if (value := headers.get(name))), "")

    def refused(self, status: int, headers: Mapping[str, str], body: bytes) -> LLMError:
        """The error of a status that is no success."""
        self.opened(headers)
        error = refusal(status, headers, body)
        error.request_id = self.said.request_id
        return error

    def feed(self, chunk: bytes) -> str:
        """The text in these bytes. After an error event only usage and the finish reason are read."""
        self.moved = False
        if not self._sniffed:
            self._sniff(chunk)
        if self._whole is not None:
            self.moved = True
            self._whole += chunk
            if len(self._whole) > BODY_LIMIT:
                raise TooLarge(f"more than {BODY_LIMIT} bytes")
            return ""
        return "" if self.over else self._feed_events(chunk)

    def _feed_events(self, chunk: bytes) -> str:
        text = ""
        for name, data in self._decoder.feed(chunk):
            try:
                text += self._event(name, data)
            except ODD:
                log.warning("%s sent a malformed chunk of %d bytes; skipped", self._row.name, len(data))
            if self.over:
                break
        # PostgreSQL keeps no NUL, and no text has one.
        return text if "\0" not in text else text.replace("\0", "\ufffd")

    def end(self) -> str:
        """The text of an answer that was not streamed. Raises LLMError unless the answer is whole."""
        text = self._rest() if self._whole is None else self._read_whole(bytes(self._whole))
        if self.error is not None:
            raise self.error
        if not self.said.whole:
            if not self._events and self._whole is None:
                raise Malformed("no event in the answer")
            raise BrokenOff("the stream ended without its terminator")
        return text if "\0" not in text else text.replace("\0", "\ufffd")

    def _event(self, name: bytes, data: bytes) -> str:
        """The text in one event. Any of ODD means that it is not what it should be."""
        return ""

    def _read_reply(self, reply: Any) -> str:
        """The text of an answer that was not streamed; fills `said`."""
        raise NotImplementedError

    def _rest(self) -> str:
        """The stream is at its end: what is left of its text."""
        return ""

    def _sniff(self, chunk: bytes) -> None:
        start = chunk.lstrip()
        if start:
            self._sniffed = True
            if start.startswith((b"{", b"[")):
                self._whole = bytearray()

    def _fail(self, event: Any) -> None:
        """An error in the stream. As the first event it is a refusal like any other, only late."""
        if self.error is not None:
            return
        if self._events <= 1 and not (isinstance(event, Mapping) and event.get("choices")):
            self.error = refusal(200, {}, orjson.dumps(event))
        else:
            said = describe(event)
            word = f" ({said.words[0]})" if said.words else ""
            self.error = BrokenOff(f"{said.message}{word}")
        self.error.request_id = self.said.request_id

    def _count(self, holder: Mapping[str, object]) -> None:
        raw = self._usage.find(holder)
        if raw is not None:
            said = self._usage.read(raw)
            # Counts only grow while an answer streams; some send zeros after the real ones.
            self.said.usage = said if self.said.usage is UNSAID else self.said.usage.grown(said)
            self.said.billed_cost = self._usage.billed_cost(raw) or self.said.billed_cost

    def _read_whole(self, body: bytes) -> str:
        try:
            reply = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise Malformed("the answer is not JSON") from None
        if isinstance(reply, list) and reply:
            reply = reply[0]
        if is_error(reply):
            self.error = refusal(200, {}, body)
            self.error.request_id = self.said.request_id
            return ""
        try:
            return self._read_reply(reply)
        except (*ODD, StopIteration):
            raise Malformed("the answer has no choices") from None


def is_error(value: Any) -> bool:
    """Whether a JSON object of a 200 is an error, in one of the shapes that providers use."""
    if not isinstance(value, Mapping):
        return False
    if value.get("error") or value.get("object") == "error" or value.get("type") == "error":
        return True
    if value.keys() & {"choices", "content", "usage", "data", "delta"}:
        return False
    return bool(value.get("detail") or value.get("errors") or isinstance(value.get("message"), str))
