"""One request to a provider over httpx, and its answer in chunks.

Every foreign exception is translated in `translate`; an error of ours carries no foreign context, so no traceback
of it shows headers.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

import aiohttp
import httpx

from csuite.llm.addresses import BadAddress, checked
from csuite.llm.errors import BrokenOff, LLMError, Malformed, NotConnected, TimedOut
from csuite.llm.keys import Key
from csuite.llm.sse import TooLarge
from csuite.llm.transports import transport
from csuite.llm.watch import Watch

log = logging.getLogger(__name__)


AUTHORIZATION = "authorization"
ERROR_LIMIT = 64 << 10  # bytes of an error body that are read
AFTERWARDS = 0.1  # seconds for the end of a body whose last event is there, so that its connection can be used again
AFTER_ERROR = 1.0  # seconds for what follows an error event (usage)


JSON = {"content-type": "application/json", "user-agent": f"python-httpx/{httpx.__version__}"}
STREAMED = {**JSON, "accept": "text/event-stream", "accept-encoding": "identity"}
WHOLE = {**JSON, "accept": "application/json", "accept-encoding": "gzip"}

CONNECTING = (httpx.ConnectTimeout, httpx.PoolTimeout, aiohttp.ConnectionTimeoutError)
# aiohttp answers some rubbish with a plain ValueError.
FOREIGN = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError)


class Reader(Protocol):
    """What a dialect makes of an answer."""

    over: bool  # the terminator has come
    error: LLMError | None  # the provider said that it failed, in a 200
    moved: bool  # the bytes fed last showed that the model works: text, thinking, tools; comments and pings do not

    def opened(self, headers: Mapping[str, str]) -> None: ...
    def feed(self, chunk: bytes) -> str:
        """The text in these bytes, maybe none. Raises sse.TooLarge."""

    def end(self) -> str:
        """The body is at its end: what text was waiting for it. Raises LLMError for an answer that is not whole."""

    def refused(self, status: int, headers: Mapping[str, str], body: bytes) -> LLMError: ...


@dataclass(frozen=True, slots=True)
class Post:
    """One request. Timeouts in seconds; comments, pings and empty chunks count for neither `first` nor `between`."""

    url: str
    body: bytes
    provider: str
    model: str
    streamed: bool
    key: Key | None = None
    key_header: str = AUTHORIZATION  # there a bearer token, in any other header as it is
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    connect: float = 2.0
    first: float = 60.0
    between: float = 30.0
    total: float = 900.0
    guarded: bool = False  # its address is no operator's (addresses.py)


async def pieces(post: Post, reader: Reader) -> AsyncGenerator[str, None]:
    """The text of the answer as it comes. Raises LLMError; closes the connection as soon as it is closed."""
    failed: LLMError | None = None
    response: httpx.Response | None = None
    chunk = b""
    if post.guarded:
        _check_address(post)
    http = await transport(guarded=post.guarded)
    with Watch(post.first, post.between, post.total) as watch:
        try:
            response = await http.handle_async_request(_request(post))
            if not response.is_success:
                failed = reader.refused(response.status_code, _headers(response, post), await _body(response))
            else:
                reader.opened(_headers(response, post))
                async for chunk in _chunks(response):
                    watch.rest()
                    text = reader.feed(chunk)
                    if text:
                        yield text
                    if reader.over or reader.error:
                        watch.hasten(AFTERWARDS if reader.over else AFTER_ERROR)
                    watch.arm(moved=reader.moved)
        except asyncio.CancelledError:
            if not watch.caused():
                raise
            failed = TimedOut(f"no more for too long ({watch.expired})")
        except FOREIGN as error:
            failed = translate(error, begun=response is not None and post.streamed)
        finally:
            if response is not None:
                await _close(response)
    if failed is None or reader.over or reader.error:  # what came after the last event does not matter
        failed, text = _ended(reader)
        if text:
            yield text
    if failed is not None:
        chunk = b""  # a provider may repeat the key; whoever prints this frame with its variables shall not
        raise _at(failed, post)


def _headers(response: httpx.Response, post: Post) -> Mapping[str, str]:
    """Those of the answer without our key: one of them becomes the request id, which is stored and shown."""
    headers, key = response.headers, post.key
    if key is not None and any(key.scrub(value) != value for value in headers.values()):
        return httpx.Headers([(name, key.scrub(value)) for name, value in headers.multi_items()])
    return headers


def _check_address(post: Post) -> None:
    try:
        checked(post.url)
    except BadAddress as error:
        raise NotConnected(f"not called: {error}", provider=post.provider, model=post.model) from None


def _ended(reader: Reader) -> tuple[LLMError | None, str]:
    try:
        return None, reader.end()
    except LLMError as error:
        return error, ""


def _at(error: LLMError, post: Post) -> LLMError:
    error.provider, error.model = post.provider, post.model
    if post.key:
        error.detail = post.key.scrub(error.detail)
        error.args = (error.detail,)
    return error.with_traceback(None)


def _request(post: Post) -> httpx.Request:
    headers = httpx.Headers(STREAMED if post.streamed else WHOLE)
    if post.headers:
        headers.update(post.headers)
    if post.key:
        key = post.key.reveal()
        headers[post.key_header] = f"Bearer {key}" if post.key_header == AUTHORIZATION else key
    waits = {"connect": post.connect, "pool": post.first, "read": None, "write": None}
    return httpx.Request("POST", _url(post.url), content=post.body, headers=headers, extensions={"timeout": waits})


@lru_cache(maxsize=64)
def _url(text: str) -> httpx.URL:
    return httpx.URL(text)


def _chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    encoded = response.headers.get("content-encoding", "identity") not in ("", "identity")
    if encoded:
        return response.aiter_bytes()
    assert isinstance(response.stream, httpx.AsyncByteStream)
    return aiter(response.stream)  # aiter_raw is two more steps for each token


async def _body(response: httpx.Response) -> bytes:
    parts, size = [], 0
    async for chunk in response.aiter_bytes():
        parts.append(chunk)
        size += len(chunk)
        if size >= ERROR_LIMIT:
            break
    return b"".join(parts)[:ERROR_LIMIT]


async def _close(response: httpx.Response) -> None:
    try:
        await response.aclose()
    except (httpx.HTTPError, aiohttp.ClientError, OSError):
        log.debug("a connection was already gone when it was closed")


def translate(error: Exception, *, begun: bool) -> LLMError:
    """Our error for one of httpx, aiohttp or the operating system. `begun`: the answer had started to stream.

    Where one is raised out of another, the cause is what counts.
    """
    cause = error.__cause__ if isinstance(error.__cause__, aiohttp.ClientError | OSError) else error
    name = type(cause).__name__
    if isinstance(cause, TooLarge | httpx.DecodingError | aiohttp.ClientResponseError):
        return Malformed(name)
    if isinstance(cause, httpx.TimeoutException | TimeoutError | aiohttp.ServerTimeoutError):
        timed_out = TimedOut(name)
        timed_out.reached = not isinstance(error, CONNECTING)
        return timed_out
    if begun:
        return BrokenOff(name)
    if isinstance(cause, httpx.RemoteProtocolError) and "without sending" not in str(cause):
        return Malformed(name)
    if isinstance(cause, ValueError) and not isinstance(cause, aiohttp.ClientError | OSError):
        return Malformed(name)
    return NotConnected(name)
