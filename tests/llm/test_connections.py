"""Connections that fail, are kept, are many, or lead to something that is no provider; on both transports."""

import asyncio
import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from csuite.llm import conf
from tests.fake_provider import Answer, FakeProvider
from tests.llm.asking import hear, primary, question
from tests.llm.conftest import KeepingMeter
from tests.llm.servers import listening, self_signed

pytestmark = pytest.mark.usefixtures("transport")


async def test_an_answer_compressed_by_a_proxy_is_read(fake_provider: FakeProvider) -> None:
    """Asked to send it plain, some proxies compress all the same."""
    packed = gzip.compress(b'{"choices":[{"message":{"content":"packed"},"finish_reason":"stop"}]}')

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(packed)}\r\n\r\n"
        writer.write(head.encode() + packed)
        await writer.drain()

    async with listening(answer) as address:
        with primary(fake_provider, base_url=address):
            heard = await hear()
    assert (heard.text, heard.error) == ("packed", None)


async def test_a_refused_connection_is_tried_once_more_and_is_a_connection_error(
    fake_provider: FakeProvider, meter: KeepingMeter
) -> None:
    rows = {"other": fake_provider.row("fake-x400")}
    with primary(fake_provider, base_url="http://127.0.0.1:9/v1", rows=rows), conf.override(FALLBACK="other"):
        heard = await hear(question(patience="interactive"))
    assert heard.kind == "connection"
    assert [attempt.error_kind for attempt in meter.attempts] == ["connection", "connection", "invalid_request"]
    assert [attempt.cost for attempt in meter.attempts] == [Decimal(0)] * 3


async def test_a_cookie_of_a_provider_is_not_sent_back(fake_provider: FakeProvider) -> None:
    answer = '{"choices":[{"message":{"content":"sweet"},"finish_reason":"stop"}]}'
    fake_provider.say(Answer(body=answer, headers={"set-cookie": "who=alice; path=/"}))
    with primary(fake_provider):
        assert (await hear()).text == "sweet"
        await hear()
    assert all("cookie" not in entry.headers for entry in fake_provider.requests)


async def test_a_name_that_does_not_resolve_is_a_connection_error(fake_provider: FakeProvider) -> None:
    with primary(fake_provider, base_url="http://nobody.invalid/v1"):
        assert (await hear()).kind == "connection"


async def test_an_address_that_is_none_is_a_connection_error(fake_provider: FakeProvider) -> None:
    with primary(fake_provider, base_url="nonsense"):
        assert (await hear()).kind == "connection"


async def test_a_certificate_of_nobody_is_a_connection_error(fake_provider: FakeProvider, tmp_path: Path) -> None:
    context = self_signed(tmp_path)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)

    async with listening(answer, context) as address:
        with primary(fake_provider, base_url=address.replace("http:", "https:")):
            assert (await hear()).kind == "connection"


@pytest.mark.parametrize(
    "raw",
    [
        b"ICY 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nplain",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nbad\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nnonsense!",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n\r\ndata: " + b"x" * (2 << 20),
    ],
)
async def test_rubbish_is_an_error_of_ours_and_never_an_answer(fake_provider: FakeProvider, raw: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()

    async with listening(answer) as address:
        with primary(fake_provider, base_url=address):
            heard = await hear()
    assert heard.kind in ("malformed", "midstream", "connection")
    assert heard.events == []


async def test_a_connection_that_was_kept_and_closed_meanwhile_is_opened_again(
    fake_provider: FakeProvider, meter: KeepingMeter
) -> None:
    with primary(fake_provider, "fake-4t"):
        await hear()
        for connection in list(fake_provider.connections):
            connection.transport.abort()
        heard = await hear(question(patience="interactive"))
    assert heard.error is None
    assert meter.attempts[-1].error_kind == ""


async def test_a_finished_stream_leaves_its_connection_for_the_next(fake_provider: FakeProvider) -> None:
    with primary(fake_provider, "fake-4t-1ms"):
        for _ in range(3):
            await hear()
        assert len(fake_provider.connections) == 1


async def test_more_than_a_hundred_streams_run_side_by_side(fake_provider: FakeProvider) -> None:
    with primary(fake_provider, "fake-2t-90ms"):
        heard = await asyncio.gather(*(hear() for _ in range(110)))
    assert all(one.error is None for one in heard)
    assert fake_provider.journal.peak == 110
