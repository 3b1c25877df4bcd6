"""Whoever leaves an answer of `/api/v1/llm/` stops it: the provider is told within a second. Real processes."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async

from csuite.analytics.models import LedgerEntry
from csuite.tenants import tokens
from csuite.tenants.scope import platform_scope
from tests.conftest import Cast
from tests.fake_provider import running_apart
from tests.webprocess import WebProcess, web_process

SLOW = "fake-400t-50ms"


@pytest.fixture(scope="module")
def site(django_db_setup: None) -> Iterator[tuple[WebProcess, str]]:
    with running_apart() as provider, web_process(provider, SLOW) as web:
        yield web, provider


async def journal(provider: str) -> list[dict[str, Any]]:
    async with httpx.AsyncClient() as client:
        entries: list[dict[str, Any]] = (await client.get(provider.removesuffix("/v1") + "/journal")).json()
        return entries


@sync_to_async
def token(cast: Cast) -> str:
    return tokens.make(cast.member(cast.bob), "a program")[1]


@sync_to_async
def booked() -> list[LedgerEntry]:
    with platform_scope("test"):
        return list(LedgerEntry.objects.all())


async def until(found: Any) -> Any:
    for _ in range(200):
        if result := await found():
            return result
        await asyncio.sleep(0.05)
    raise AssertionError("waited ten seconds in vain")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("streamed", "thinks_ms"), [(True, 0), (True, 20_000), (False, 20_000)])
async def test_a_disconnect_closes_the_providers_connection(
    cast: Cast, site: tuple[WebProcess, str], streamed: bool, thinks_ms: int
) -> None:
    web, provider = site
    async with httpx.AsyncClient() as client:
        await client.delete(provider.removesuffix("/v1") + "/journal")
        answer = {"ttft_ms": thinks_ms, "pace_ms": 50, "text": "word " * 400}
        await client.post(provider.removesuffix("/v1") + "/script", json=answer)
    headers = {"Authorization": f"Bearer {await token(cast)}"}
    body = {"messages": [{"role": "user", "content": "Why?"}], "stream": streamed}

    async def ask() -> None:
        async with (
            httpx.AsyncClient(base_url=web.url, headers=headers) as client,
            client.stream("POST", "/api/v1/llm/chat", json=body) as reply,
        ):
            async for _ in reply.aiter_lines():
                await asyncio.sleep(0)

    async def begun() -> bool:
        return bool(await journal(provider))

    asking = asyncio.create_task(ask())
    await until(begun)
    await asyncio.sleep(0.5)
    asking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking

    async def gone() -> Any:
        return [entry for entry in await journal(provider) if entry["client_gone_after_ms"] is not None]

    (entry,) = await until(gone)
    assert entry["client_gone_after_ms"] < 5_000  # of 20 seconds; an answer that goes on is never gone
    (row,) = await until(booked)
    assert (row.error_kind, row.estimated) == ("cancelled", True)
