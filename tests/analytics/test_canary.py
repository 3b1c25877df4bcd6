"""THREATS T33: a provider's key is nowhere but in the request to that provider. F32: a new key is used at once."""

import json
import pickle
import traceback
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.db import connection
from django.test import AsyncClient
from psycopg import sql

from csuite import llm
from csuite.llm import conf
from csuite.llm.errors import LLMError
from csuite.llm.providers import ROWS
from csuite.llm.state import MemoryState
from csuite.tenants.models import Limit
from tests.conftest import Cast
from tests.database import ops
from tests.fake_provider import Answer, FakeProvider
from tests.fake_provider.fixture import fake_provider

__all__ = ["fake_provider"]
pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "sk-CANARY-9f8e7d6c5b4a39281706abcdef"
NAMED = [row.name for row in ROWS if row.key_name]
ECHO = f"Incorrect API key provided: {CANARY}. Header was Bearer {CANARY}"
FAILURES = [
    *(Answer(status=status, body=json.dumps({"error": {"message": ECHO, "type": "x", "code": CANARY, "param": CANARY}}))
      for status in (400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 503, 529)),
    Answer(status=401, body=json.dumps({"error": ECHO})),
    Answer(status=401, body=json.dumps({"message": ECHO, "detail": ECHO})),
    Answer(status=502, body=f"<html>{ECHO}</html>", headers={"content-type": "text/html"}),
    Answer(status=401, body=ECHO, headers={"x-request-id": CANARY, "retry-after": CANARY}),
    Answer(status=307, body="", headers={"location": f"http://127.0.0.1:9/?key={CANARY}"}),
    Answer(body=json.dumps({"error": {"message": ECHO, "code": 429}})),
    Answer(body=f"not JSON {ECHO}"),
    Answer(
        body='data: {"choices":[{"index":0,"delta":{"content":"Mar"}}]}\n\n'
        f'data: {{"error":{{"message":"{ECHO}"}}}}\n\n',
        headers={"content-type": "text/event-stream"},
    ),
    Answer(fault="gone"), Answer(fault="cut", text="Margin fell"), Answer(fault="html"),
]  # fmt: skip
LEFT_OUT = ("pg_", "sql_")


@pytest.fixture(autouse=True)
def _keys(cast: Cast, fake_provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    Limit.objects.update(amount=1_000_000)
    for row in ROWS:
        if row.key_name:
            monkeypatch.setenv(row.key_name, CANARY)
            monkeypatch.setenv(row.base_url_name or f"{row.name.upper()}_BASE_URL", fake_provider.url)
            monkeypatch.setenv(f"{row.name.upper()}_MODEL", "fake-2t")
    with conf.override(ANALYST="", FALLBACK="", DISCOVER=False):
        yield


@pytest_asyncio.fixture
async def bob(cast: Cast) -> AsyncIterator[AsyncClient]:
    client = AsyncClient()
    await client.aforce_login(cast.bob)
    yield client


async def provoked(bob: AsyncClient, fake_provider: FakeProvider, provider: str) -> str:
    """Failures, streamed or whole, all that our clients get to see: every one for one provider, some for each."""
    seen = []
    then = "groq" if provider == "openai" else "openai"  # with another at hand nobody is asked again and again
    chosen = FAILURES if provider == "openai" else FAILURES[1:20:6]
    for number, failure in enumerate(chosen):
        for streamed in (True, False) if failure.body and "data:" in failure.body else (number % 2 == 0,):
            fake_provider.clear()
            fake_provider.say(*[failure] * 8)
            with conf.override(PRIMARY=provider, FALLBACK=then, STATE=MemoryState()):  # no failure rests it
                body = {"messages": [{"role": "user", "content": "Why?"}], "stream": streamed}
                response = await bob.post("/api/v1/llm/chat", json.dumps(body), content_type="application/json")
            if response.streaming:
                pieces = [piece async for piece in response.streaming_content]  # type: ignore[attr-defined]
                seen.append(b"".join(pieces).decode())
            else:
                seen.append(response.content.decode())
            seen.append(str(dict(response.headers)))
            assert fake_provider.requests, "nobody was asked"
    return "\n".join(seen)


@sync_to_async
def database() -> str:
    """Every row of every table, as text: also of those that the web role may not read."""
    found = []
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    with ops(connection.settings_dict["NAME"]) as everything:
        for table in tables:
            rows = everything.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table)))
            found += [f"{table} {row[0]}" for row in rows.fetchall()]
    assert any(line.startswith("ledger ") for line in found)
    return "\n".join(found)


@pytest.mark.parametrize("provider", NAMED)
async def test_no_failure_shows_a_key_to_anybody(
    bob: AsyncClient, cast: Cast, fake_provider: FakeProvider, provider: str, capfd: Any, caplog: Any
) -> None:
    seen = await provoked(bob, fake_provider, provider)
    root = AsyncClient()
    await root.aforce_login(cast.root)
    fiona = AsyncClient()
    await fiona.aforce_login(cast.fiona)
    pages = [await root.get("/admin/"), await root.get("/admin/providers/price/"), await fiona.get("/usage/")]
    seen += "".join(page.content.decode() for page in pages)
    export = await fiona.get("/usage/calls.csv")
    seen += b"".join([piece async for piece in export.streaming_content]).decode()  # type: ignore[attr-defined]
    logged = caplog.text + "".join(capfd.readouterr()) + "\n".join(str(vars(record)) for record in caplog.records)
    assert "openai" in NAMED
    assert "llm" in logged
    for what, text in {"answers and pages": seen, "logs": logged, "database": await database()}.items():
        at = text.find(CANARY)
        assert at < 0, f"{what}: …{text[max(0, at - 200) : at + 60]}"


def shown_by(error: LLMError) -> list[str]:
    """All that anybody could make of an error: with the variables of its frames, as trackers of errors do."""
    text = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    return [text, repr(error), str(error), repr(vars(error)), repr(error.args), repr(pickle.dumps(error))]


@pytest.mark.parametrize("transport", ["aiohttp", "httpx"])
async def test_no_error_holds_a_key_in_its_words_its_frames_or_its_pickle(
    cast: Cast, fake_provider: FakeProvider, transport: str
) -> None:
    call = llm.Call(messages=(llm.Message("user", "Why?"),), labels={"tenant": str(cast.acme.id)}, patience="none")
    for number in range(len(FAILURES)):
        if FAILURES[number].fault == "cut":  # only a stream is cut
            continue
        fake_provider.clear()
        fake_provider.say(*[FAILURES[number]] * 8)
        with (
            conf.override(PRIMARY="openai", TRANSPORT=transport, STATE=MemoryState()),
            pytest.raises(LLMError) as raised,
        ):
            await llm.complete(call)
        for what in shown_by(raised.value):
            at = what.find(CANARY)
            assert at < 0, f"{number}: …{what[max(0, at - 300) : at + 60]}"


async def test_a_key_in_a_file_is_replaced_under_way_and_the_old_one_never_sent_again(
    bob: AsyncClient, fake_provider: FakeProvider, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "key"
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(file))
    sent = []
    for key in (CANARY, "sk-CANARY-the-second-one-00000000000", CANARY):
        new = tmp_path / "new"
        new.write_text(f"{key}\n")
        new.rename(file)
        fake_provider.clear()
        with conf.override(PRIMARY="openai"):
            for _ in range(2):
                await bob.post("/api/v1/llm/completion", '{"prompt": "Why?"}', content_type="application/json")
        sent.append({entry.auth for entry in fake_provider.requests})
    first, second, third = sent
    assert len(first) == len(second) == 1
    assert first == third != second
