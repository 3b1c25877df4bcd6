"""The pooled HTTP clients: one for each event loop and transport, closed with the loop.

No proxies or certificates from the environment, no redirects, no cookies; as many connections as there are streams.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from functools import cache
from weakref import WeakKeyDictionary

import aiohttp
import certifi
import httpx
from httpx_aiohttp import AiohttpTransport

from csuite.llm import conf

KEEP_ALIVE = 30.0  # seconds an idle connection is kept
IDLE_CONNECTIONS = 200


@cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certifi.where())


class Body(httpx.AsyncByteStream):
    """The body of an answer, read from aiohttp directly: two generators less for each token.

    aiohttp forgets what it has received and nobody has read yet when the connection breaks; we do not.
    """

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        content = self._response.content
        try:
            while chunk := await content.readany():
                yield chunk
        except aiohttp.ClientError:
            content.set_exception(None)  # type: ignore[arg-type]  # else it gives nothing more
            if rest := content.read_nowait():
                yield rest
            raise

    async def aclose(self) -> None:
        await self._response.__aexit__(None, None, None)


class OverAiohttp(AiohttpTransport):
    """httpx over aiohttp's parser: a third of the cost of httpx's own for each token."""

    def __init__(self) -> None:
        super().__init__(verify=_certificates(), trust_env=False, client=self._session)

    def _session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE, ssl=_certificates())
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        response.stream = Body(response.stream._aiohttp_response)  # type: ignore[union-attr]
        return response


def over_httpcore() -> httpx.AsyncBaseTransport:
    """httpx's own transport."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=IDLE_CONNECTIONS, keepalive_expiry=KEEP_ALIVE)
    return httpx.AsyncHTTPTransport(verify=_certificates(), trust_env=False, limits=limits)


TRANSPORTS: dict[str, Callable[[], httpx.AsyncBaseTransport]] = {"aiohttp": OverAiohttp, "httpx": over_httpcore}

_Kept = tuple[httpx.AsyncClient, AsyncGenerator[None, None]]
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, _Kept]] = WeakKeyDictionary()


async def client() -> httpx.AsyncClient:
    """The client of the running loop and of LLM["TRANSPORT"]."""
    loop = asyncio.get_running_loop()
    kept = _clients.get(loop)
    if kept is None:
        kept = _clients[loop] = {}
    name = conf.value("TRANSPORT")
    if name not in kept:
        made = httpx.AsyncClient(transport=TRANSPORTS[name](), trust_env=False, follow_redirects=False)
        keeper = _keeper(kept, name, made)
        kept[name] = (made, keeper)
        await anext(keeper)
    return kept[name][0]


async def _keeper(kept: dict[str, _Kept], name: str, made: httpx.AsyncClient) -> AsyncGenerator[None, None]:
    """Closes the client when the loop ends: a loop closes every generator that was begun on it (shutdown_asyncgens)."""
    try:
        yield
    finally:
        kept.pop(name, None)
        await made.aclose()
