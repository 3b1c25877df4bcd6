"""The pooled HTTP connections: one transport for each event loop and kind, closed with the loop.

No proxies or certificates from the environment, no redirects, no cookies; as many connections as there are streams.
They are used without httpx's client, whose merging of headers, cookies and addresses costs a third of a call.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from functools import cache, lru_cache
from weakref import WeakKeyDictionary

import aiohttp
import certifi
import httpx
from yarl import URL

from csuite.llm import conf, guarding

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


class OverAiohttp(httpx.AsyncBaseTransport):
    """httpx over aiohttp's parser: a third of the cost of httpx's own for each token.

    Raises aiohttp's errors as they are.
    """

    def __init__(self, connector: aiohttp.TCPConnector) -> None:
        self._session = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, auto_decompress=False
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        timeout = request.extensions["timeout"]
        response = await self._session.request(
            request.method,
            _address(str(request.url)),
            headers=request.headers,
            data=request.content,
            allow_redirects=False,
            timeout=_timeout(timeout["connect"], timeout["pool"]),
        )
        return httpx.Response(response.status, headers=response.raw_headers, stream=Body(response))

    async def aclose(self) -> None:
        await self._session.close()


@lru_cache(maxsize=64)
def _address(url: str) -> URL:
    return URL(url, encoded=True)


@lru_cache(maxsize=64)
def _timeout(connect: float, pool: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(connect=pool, sock_connect=connect)


def over_aiohttp(*, guarded: bool) -> httpx.AsyncBaseTransport:
    if guarded:
        return OverAiohttp(guarding.connector(_certificates(), KEEP_ALIVE))
    return OverAiohttp(aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE, ssl=_certificates()))


def over_httpcore(*, guarded: bool) -> httpx.AsyncBaseTransport:
    """httpx's own transport."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=IDLE_CONNECTIONS, keepalive_expiry=KEEP_ALIVE)
    made = httpx.AsyncHTTPTransport(verify=_certificates(), trust_env=False, limits=limits)
    if guarded:
        made._pool._network_backend = guarding.PublicBackend()
    return made


TRANSPORTS: dict[str, Callable[..., httpx.AsyncBaseTransport]] = {"aiohttp": over_aiohttp, "httpx": over_httpcore}

_Kept = tuple[httpx.AsyncBaseTransport, AsyncGenerator[None, None]]
_Name = tuple[str, bool]
_transports: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[_Name, _Kept]] = WeakKeyDictionary()


async def transport(*, guarded: bool = False) -> httpx.AsyncBaseTransport:
    """The transport of the running loop and of LLM["TRANSPORT"]; a guarded one connects to public addresses only."""
    loop = asyncio.get_running_loop()
    kept = _transports.get(loop)
    if kept is None:
        kept = _transports[loop] = {}
    name = (conf.value("TRANSPORT"), guarded)
    if name not in kept:
        made = TRANSPORTS[name[0]](guarded=guarded)
        keeper = _keeper(kept, name, made)
        kept[name] = (made, keeper)
        await anext(keeper)
    return kept[name][0]


async def _keeper(kept: dict[_Name, _Kept], name: _Name, made: httpx.AsyncBaseTransport) -> AsyncGenerator[None, None]:
    """Closes the transport when the loop ends: a loop closes every generator begun on it (shutdown_asyncgens)."""
    try:
        yield
    finally:
        kept.pop(name, None)
        await made.aclose()
