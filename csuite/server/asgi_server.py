"""Daphne with what it lacks: a drain, a cap on unsent bytes, back pressure, clean closes.

Import after the event loop policy is set (csuite.server.web): daphne.server makes its loop when imported.
"""

import asyncio
import logging
import socket
import sys
from typing import Any

import autobahn.websocket.protocol
import daphne.http_protocol
import daphne.server
from daphne.access import AccessLogGenerator
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet import defer
from twisted.web import http

from csuite.server import drain
from csuite.server.bodies import CappedRequest

MESSAGE_LIMIT = 64 * 1024  # bytes a client may send in one message; more closes 1009
UNSENT_LIMIT = 1024 * 1024  # bytes a socket may leave unread; then it is cut, and the client resumes
HTTP_UNSENT = 256 * 1024  # bytes of a response in memory before its producer waits
PING_EVERY = 20  # seconds
RESTART = 1012
CLOSE_SECONDS = 2.0  # for the closing handshakes and for requests under way

logger = logging.getLogger(__name__)


def unsent(protocol: Any) -> int:
    """Bytes that Twisted holds for a connection because its reader is slow."""
    transport: Any = getattr(protocol, "transport", None)
    buffer = getattr(transport, "dataBuffer", None)
    return 0 if buffer is None else len(buffer) - transport.offset + transport._tempDataLen


class CappedSocket(WebSocketProtocol):  # type: ignore[misc]
    """A WebSocket that is cut when its reader falls too far behind: `send` never waits."""

    def handle_reply(self, message: dict[str, Any]) -> None:
        super().handle_reply(message)
        if message["type"] == "websocket.send" and unsent(self) > UNSENT_LIMIT:
            self.transport.abortConnection()

    def serverSend(self, content: Any, binary: bool = False) -> None:  # noqa: N802 - autobahn's name
        """A reader who has just left is no error of the sender's. What we say may be longer than what we hear."""
        if self.state not in (self.STATE_CONNECTING, self.STATE_OPEN):
            return
        self.maxMessagePayloadSize = 0  # autobahn holds both ways to one limit
        try:
            super().serverSend(content, binary)
        finally:
            self.maxMessagePayloadSize = MESSAGE_LIMIT

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802 - autobahn's name
        """Autobahn's sendClose refuses 1003, 1008 and 1012, which a server may well send."""
        self.sendCloseFrame(code=1000 if code is None else code)


class SocketFactory(WebSocketFactory):  # type: ignore[misc]
    protocol = CappedSocket

    def setProtocolOptions(self, **options: Any) -> None:  # noqa: N802 - autobahn's name
        """A client that breaks the protocol gets a close code (1002, 1007, 1009) and not a dead line."""
        super().setProtocolOptions(**options, failByDrop=False)


# Daphne names both as globals of its modules and offers no other way in.
daphne.server.WebSocketFactory = SocketFactory
daphne.http_protocol.WebRequest = CappedRequest


# Autobahn words and colours a debug line for every frame, which nobody reads: 5 us of each token.
for _name in ("hltype", "hlval"):
    setattr(autobahn.websocket.protocol, _name, lambda value, **how: "")


# Twisted's list of reasons ends before RFC 6585.
http.RESPONSES[429] = b"Too Many Requests"


class WebServer(daphne.server.Server):  # type: ignore[misc]
    """Serves `application` on an open listening socket until SIGINT or SIGTERM, then drains."""

    def __init__(
        self,
        application: Any,
        *,
        listener: socket.socket,
        trust_proxy: bool,
        access_log: bool,
        **options: Any,
    ) -> None:
        super().__init__(
            application,
            endpoints=[f"fd:fileno={listener.fileno()}"],
            action_logger=AccessLogGenerator(sys.stderr) if access_log else None,
            websocket_max_message_size=MESSAGE_LIMIT,
            websocket_max_frame_size=MESSAGE_LIMIT,
            ping_interval=PING_EVERY,
            server_name="csuite",
            **options,
        )
        self.listener = listener
        self.ports: list[Any] = []
        self.trust_proxy = trust_proxy
        self.drain_hooks = drain.hooks()

    def listen_success(self, port: Any) -> None:
        self.ports.append(port)
        # Twisted listens on a copy and has closed ours: its number may be another file's by now.
        self.listener.detach()
        super().listen_success(port)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        # Daphne takes the root path from a request header, which anybody may send.
        scope["root_path"] = self.root_path
        if self.trust_proxy:
            behind_proxy(scope)
        return super().create_application(protocol, scope)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        await super().handle_reply(protocol, message)
        if message.get("more_body"):
            # Twisted tells no coroutine when its buffer empties, so we look; only a slow reader gets here.
            while unsent(getattr(protocol, "channel", None)) > HTTP_UNSENT and self.connected(protocol):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    def connected(self, protocol: Any) -> bool:
        return protocol in self.connections and "disconnected" not in self.connections[protocol]

    def kill_all_applications(self) -> Any:
        """Runs before the reactor stops; Daphne's own cancels everything at once."""
        return defer.Deferred.fromFuture(asyncio.ensure_future(self._leave())).addErrback(self._could_not_leave)

    def _could_not_leave(self, failure: Any) -> None:
        logger.error("leaving in order failed", exc_info=failure.value)

    async def _leave(self) -> None:
        for port in self.ports:
            await defer.maybeDeferred(port.stopListening).asFuture(asyncio.get_running_loop())
        # While a supervisor holds the same socket, new callers wait there for our successor.
        await drain.drain(self.drain_hooks)
        for protocol in list(self.connections):
            if isinstance(protocol, CappedSocket) and self.connected(protocol):
                protocol.serverClose(code=RESTART)
        running = [task for entry in self.connections.values() if (task := entry.get("application_instance"))]
        if running:
            _, late = await asyncio.wait(running, timeout=CLOSE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.wait(running, timeout=CLOSE_SECONDS)


def behind_proxy(scope: dict[str, Any]) -> None:
    """The client as our proxy saw it: the last address, the others are what the client claims."""
    forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    address = forwarded[-1].decode("latin1").rpartition(",")[2].strip() if forwarded else ""
    if address:
        scope["client"] = [address, 0]
