"""Whether a provider answers: one cheap request, judged by its status."""

import asyncio
from dataclasses import replace

import pytest

from csuite.llm.probing import can_be_probed, probe, probe_all
from csuite.llm.providers import Provider, table
from tests.fake_provider import FakeProvider
from tests.llm.servers import listening

KEYED = Provider("house", key_name="HOUSE_API_KEY")


async def status(code: int) -> str:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {code} X\r\ncontent-length: 2\r\n\r\n{{}}".encode())
        await writer.drain()

    async with listening(answer) as url:
        return (await probe(Provider("house", base_url=url, key_wanted=False))).error


@pytest.mark.usefixtures("transport")
async def test_a_provider_that_answers_is_well(fake_provider: FakeProvider) -> None:
    found = await probe(Provider("house", base_url=fake_provider.url, key_wanted=False))
    assert (found.provider, found.ok, found.error) == ("house", True, "")


@pytest.mark.usefixtures("transport")
@pytest.mark.parametrize(
    ("code", "error"),
    [(404, ""), (405, ""), (429, ""), (302, ""), (401, "authentication"), (403, "permission"), (503, "server_error")],
)
async def test_its_status_says_how_it_is(code: int, error: str) -> None:
    assert await status(code) == error


@pytest.mark.usefixtures("transport")
async def test_one_that_is_not_there_is_unwell_and_the_others_are_asked_all_the_same(
    fake_provider: FakeProvider,
) -> None:
    gone = Provider("gone", base_url="http://127.0.0.1:9/v1", key_wanted=False)
    there = Provider("there", base_url=fake_provider.url, key_wanted=False)
    first, second = await probe_all([gone, there])
    assert (first.error, second.error) == ("connection", "")


async def test_the_key_goes_along_as_the_provider_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOUSE_API_KEY", "sk-0123456789")
    heads: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).lower())
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        await writer.drain()

    async with listening(answer) as url:
        await probe(replace(KEYED, base_url=url))
        await probe(replace(KEYED, base_url=url, key_header="x-api-key"))
    assert b"authorization: bearer sk-0123456789" in heads[0]
    assert b"x-api-key: sk-0123456789" in heads[1]
    assert b"authorization" not in heads[1]


async def test_no_key_goes_to_a_guarded_address_that_is_not_allowed(
    fake_provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOUSE_API_KEY", "sk-0123456789")
    found = await probe(replace(KEYED, base_url=fake_provider.url, guarded=True))
    assert found.error == "connection"


async def test_a_key_that_cannot_be_read_is_the_providers_fault_to_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOUSE_API_KEY_FILE", "/nowhere/key")
    row = replace(KEYED, base_url="http://127.0.0.1:9/v1")
    assert can_be_probed(row)
    assert (await probe(row)).error == "authentication"


def test_only_providers_with_address_and_key_are_probed(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = table()
    assert not any(can_be_probed(row) for row in rows.values())
    monkeypatch.setenv("GROQ_API_KEY", "k")
    assert can_be_probed(rows["groq"])
    assert not can_be_probed(rows["local"])
    monkeypatch.setenv("LOCAL_LLM_BASE_URL", "http://127.0.0.1:9/v1")
    assert can_be_probed(rows["local"])
