"""A cap on request bodies (THREATS T50): Daphne spools a whole body before Django is asked anything."""

from typing import Any

from daphne.http_protocol import WebRequest
from twisted.internet import reactor

BODY_LIMIT = 4 * 1024 * 1024  # bytes; Django's own limits for forms and JSON are tighter
UPLOADS = {b"/imports/": 25 * 1024 * 1024}  # where files are sent to
LINGER = 2.0  # seconds in which a sender may still read why; what it sends meanwhile is dropped
REFUSAL = b'{"type":"about:blank","title":"The request is too large.","status":413,"code":"too_long"}'
ANSWER = (
    b"HTTP/1.1 413 Content Too Large\r\nContent-Type: application/problem+json\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(REFUSAL), REFUSAL)
)


class CappedRequest(WebRequest):  # type: ignore[misc]
    """Refuses a body that is, or says that it will be, too large; nothing of it is kept."""

    refused = False
    received = 0
    most = BODY_LIMIT

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        super().gotLength(length)
        path = getattr(self.channel, "_path", b"").partition(b"?")[0]
        self.most = UPLOADS.get(path, BODY_LIMIT)
        if length is not None and length > self.most:
            self.refuse()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        self.received += len(data)
        if self.received > self.most and not self.refused:
            self.refuse()
        if not self.refused:
            super().handleContentChunk(data)

    def requestReceived(self, *request: Any) -> None:  # noqa: N802 - Twisted's name
        if not self.refused:
            super().requestReceived(*request)

    def refuse(self) -> None:
        self.refused = True
        self.content.truncate(0)
        transport = self.channel.transport
        transport.write(ANSWER)
        reactor.callLater(LINGER, transport.loseConnection)  # type: ignore[arg-type]
