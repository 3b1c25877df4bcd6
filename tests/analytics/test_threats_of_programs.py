"""THREATS T29, T32, T34, T35 and T36 at `/api/v1/llm/`: what a program cannot choose, see or grant itself."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from csuite.llm import conf
from csuite.llm.state import MemoryState
from csuite.tenants import tokens
from csuite.tenants.models import Limit
from tests.conftest import Cast
from tests.fake_provider import FakeProvider
from tests.fake_provider.fixture import fake_provider

__all__ = ["fake_provider"]
pytestmark = pytest.mark.django_db(transaction=True)

COMPLETION, CHAT, BATCH, MINE = (f"/api/v1/llm/{name}" for name in ("completion", "chat", "batch", "usage/me"))
SAID = {"role": "user", "content": "Why did margin fall?"}
GOOD: dict[str, dict[str, Any]] = {
    COMPLETION: {"prompt": "Why did margin fall?"},
    CHAT: {"messages": [SAID]},
    BATCH: {"items": [{"prompt": "Why did margin fall?"}]},
}


class Attacker:
    """A port of somebody else's."""

    url = ""
    reached = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reached += 1
        writer.close()


@pytest_asyncio.fixture
async def attacker() -> AsyncIterator[Attacker]:
    made = Attacker()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    yield made
    server.close()


@pytest.fixture(autouse=True)
def _asked(cast: Cast, fake_provider: FakeProvider) -> Iterator[None]:
    """The fake provider answers, and nobody is limited."""
    Limit.objects.update(amount=1_000_000)
    rows = {"fake": fake_provider.row("fake-2t")}
    with conf.override(PROVIDERS=rows, PRIMARY="fake", FALLBACK="", ANALYST=""):
        yield


async def client_of(cast: Cast) -> AsyncClient:
    client = AsyncClient()
    await client.aforce_login(cast.bob)
    return client


async def post(client: AsyncClient, where: str, body: Any, **more: Any) -> Any:
    return await client.post(where, json.dumps(body), content_type="application/json", **more)


@sync_to_async
def token_of(cast: Cast) -> str:
    return tokens.make(cast.member(cast.bob), "a program")[1]


def forbidden_fields(url: str) -> list[dict[str, Any]]:
    return [
        {"base_url": url}, {"api_base": url}, {"api_key": "sk-theirs"}, {"model": "openai/gpt-4"}, {"provider": "groq"},
        {"custom_llm_provider": "openai"}, {"headers": {"x": url}}, {"extra_headers": {"x": url}}, {"extra_body": {}},
        {"metadata": {"url": url}}, {"user": "x"}, {"route": "groq"}, {"timeout": 1}, {"tools": []}, {"facts": {}},
        {"labels": {"tenant": "x"}}, {"hold": None}, {"__class__": url}, {"litellm_params": {"api_base": url}},
        {"callbacks": [url]}, {"proxy": url}, {"file": "../../etc/passwd"}, {"path": "/proc/self/environ"},
    ]  # fmt: skip


async def test_no_field_chooses_an_address_a_key_a_header_or_a_file(
    cast: Cast, attacker: Attacker, fake_provider: FakeProvider
) -> None:
    client = await client_of(cast)
    for where, body in GOOD.items():
        for extra in forbidden_fields(attacker.url):
            bodies = [{**body, **extra}]
            if where == CHAT:
                bodies.append({"messages": [{**SAID, **extra}]})
            if where == BATCH:
                bodies.append({"items": [{**body["items"][0], **extra}]})
            for tried in bodies:
                response = await post(client, where, tried)
                assert (response.status_code, response.json()["code"]) == (400, "bad_frame"), tried
                assert attacker.url not in response.content.decode()
    assert (attacker.reached, fake_provider.requests) == (0, [])


async def test_what_stands_in_the_query_or_in_headers_chooses_nothing(
    cast: Cast, attacker: Attacker, fake_provider: FakeProvider
) -> None:
    client = await client_of(cast)
    sent = {
        "X-Api-Base": attacker.url,
        "X-Base-Url": attacker.url,
        "Helicone-Target-Url": attacker.url,
        "Openai-Organization": "o",
    }
    response = await post(client, f"{COMPLETION}?base_url={attacker.url}&model=x/y", GOOD[COMPLETION], headers=sent)
    assert response.status_code == 200
    assert attacker.reached == 0
    (entry,) = fake_provider.requests
    assert attacker.url not in json.dumps(entry.headers)
    assert not {name for name in entry.headers if name.startswith(("x-", "openai-", "helicone-"))}


@pytest.mark.parametrize(
    "path",
    [
        "../../etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "/etc/passwd",
        "%2fproc%2fself%2fenviron",
        "me%00",
        "me/../../limits",
    ],
)
async def test_a_person_or_a_batch_is_no_path(cast: Cast, path: str) -> None:
    client = await client_of(cast)
    for where in (f"/api/v1/llm/usage/{path}", f"/api/v1/llm/batch/{path}"):
        response = await client.get(where)
        assert response.status_code == 404
        assert b"root:" not in response.content


class Patient(MemoryState):
    """A breaker that never opens."""

    async def failed(self, *args: Any) -> bool:
        return False


DOCUMENTED = {
    "csuite.llm.dialects.openai.OpenAI": {
        "model", "messages", "max_tokens", "max_completion_tokens", "temperature", "stream", "stream_options",
        "response_format", "tools", "tool_choice",
    },
    "csuite.llm.dialects.anthropic.Anthropic": {
        "model", "messages", "max_tokens", "system", "temperature", "stream", "tools", "tool_choice", "output_config",
    },
}  # fmt: skip
TASKS = ("chat", "summarize", "extract", "synthesize", "validate", "classify", "draft", "predict", "evaluate")


@pytest.mark.parametrize("dialect", DOCUMENTED)
async def test_a_provider_is_told_what_it_documents_and_nothing_of_ours(
    cast: Cast, fake_provider: FakeProvider, dialect: str
) -> None:
    row = fake_provider.row("fake-2t", dialect=dialect)
    client = await client_of(cast)
    with conf.override(PROVIDERS={"fake": row, "next": row}, PRIMARY="fake", FALLBACK="next", STATE=Patient()):
        for task in TASKS:  # the fake speaks one dialect only, so the other's answers are failures
            await post(client, COMPLETION, {**GOOD[COMPLETION], "task": task, "tier": "bulk", "system": "Be short."})
        await post(client, COMPLETION, {**GOOD[COMPLETION], "schema": {"type": "object", "properties": {}}})
        await post(client, CHAT, {**GOOD[CHAT], "stream": True, "temperature": 0.2})
    assert len(fake_provider.requests) >= len(TASKS) + 2
    ours = [str(cast.acme.id), str(cast.bob.id), "Acme", "acme", "bob@", "Bob", "budget", "tenant", "csuite"]
    for entry in fake_provider.requests:
        assert set(entry.body) <= DOCUMENTED[dialect]
        sent = json.dumps(entry.body) + json.dumps({k: v for k, v in entry.headers.items() if k != "host"})
        assert not [word for word in ours if word in sent]
        assert entry.body["max_tokens"] > 0


@pytest.mark.parametrize(
    "credential",
    ["' OR 1=1--", "cs_' OR '1'='1", "cs_" + "a" * 43, "cs_" + "%" * 43, "null", "", "\\x00", "cs_" + "a" * 100_000],
)
async def test_no_text_in_the_place_of_a_token_is_one(cast: Cast, fake_provider: FakeProvider, credential: str) -> None:
    response = await post(
        AsyncClient(), COMPLETION, GOOD[COMPLETION], headers={"Authorization": f"Bearer {credential}"}
    )
    assert (response.status_code, response.json()["code"]) == (401, "signed_out")
    assert not fake_provider.requests


async def test_nobody_grants_herself_more_than_her_role(cast: Cast) -> None:
    client = await client_of(cast)
    wishes = {"name": "wide", "role": "admin", "scope": "*", "scopes": "admin", "tenant": str(cast.rival.id)}
    made = await client.post("/profile/access/", wishes)
    assert made.status_code in (200, 302)
    bearer = {"Authorization": f"Bearer {await token_of(cast)}"}
    for headers in (bearer, {**bearer, "X-Role": "admin", "X-Tenant": str(cast.rival.id)}):
        response = await AsyncClient().get(f"/api/v1/llm/usage/{cast.alice.id}?role=admin", headers=headers)
        assert response.status_code == 404
    assert {row.membership_id for row in await sync_to_async(tokens.tokens_of)(cast.bob)} == {
        (await sync_to_async(cast.member)(cast.bob)).id
    }


async def test_a_token_is_taken_from_its_header_and_from_nowhere_else(cast: Cast, fake_provider: FakeProvider) -> None:
    token = await token_of(cast)
    accepted = [
        {"Authorization": f"Bearer {token}"},
        {"AUTHORIZATION": f"bearer {token}"},
        {"authorization": f"BEARER {token}"},
    ]
    for headers in accepted:
        assert (await AsyncClient().get(MINE, headers=headers)).status_code == 200
        assert (await AsyncClient().get("/usage/", headers=headers)).status_code == 302  # pages take none
        assert (await AsyncClient().get("/conversations/", headers=headers)).status_code == 302
    for carrier in ("x-api-key", "X-Auth-Token", "Api-Key", "X-Goog-Api-Key", "Proxy-Authorization"):
        response = await post(AsyncClient(), COMPLETION, GOOD[COMPLETION], headers={carrier: token})
        assert response.status_code == 401, carrier
    for name in ("key", "api_key", "access_token", "token", "authorization"):
        assert (await AsyncClient().get(f"{MINE}?{name}={token}")).status_code == 401
    for name in ("csuite-session", "token", "Authorization"):
        client = AsyncClient()
        client.cookies[name] = token
        assert (await client.get(MINE)).status_code == 401
    basic = await AsyncClient().get(MINE, headers={"Authorization": f"Basic {token}"})
    assert basic.status_code == 401
    assert not fake_provider.requests
