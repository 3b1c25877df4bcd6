"""Rows say otherwise than settings and environment, in every process at once; alone they change nothing."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from csuite import llm
from csuite.llm import conf
from csuite.llm.registry import EnvRegistry
from csuite.providers import catalogue
from csuite.providers.models import LanguageModel, ProviderSetting, Release, TaskSetting, TierModel
from csuite.providers.registry import RowRegistry
from csuite.providers.seeds import seed_after_migrate
from csuite.tenants.db import in_db
from csuite.tenants.models import Flag, Tenant
from tests.fake_provider import running

pytestmark = pytest.mark.django_db(transaction=True)

SETTINGS = {"PRIMARY": "groq", "FALLBACK": "mistral", "ANALYST": "csuite.llm.scripted.Script", "PROVIDERS": {}}
QUESTION = llm.Call(messages=(llm.Message("user", "Why?"),))


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in ("GROQ_API_KEY", "MISTRAL_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "sk-0123456789")
    with conf.override(**SETTINGS):
        yield


def provider(**fields: Any) -> ProviderSetting:
    return ProviderSetting.objects.update_or_create(name="groq", defaults=fields)[0]


async def names(call: llm.Call = QUESTION, registry: RowRegistry | None = None) -> list[str]:
    return [one.name for one in await (registry or RowRegistry()).routes(call, None)]


def release(label: str, state: Release.State = Release.State.CURRENT, **tiers: list[str]) -> Release:
    Release.objects.filter(state=state).update(state=Release.State.PAST)
    made: Release = Release.objects.create(label=label, state=state)
    for tier, models in tiers.items():
        for position, name in enumerate(models, 1):
            provider, _, model = name.partition("/")
            row, _ = LanguageModel.objects.get_or_create(provider=provider, name=model)
            TierModel.objects.create(release=made, tier=tier, position=position, model=row)
    return made


async def test_with_the_rows_of_an_installation_settings_and_environment_decide() -> None:
    await in_db(seed_after_migrate, "default")
    assert await names() == [one.name for one in await EnvRegistry().routes(QUESTION, None)]
    assert (await RowRegistry().routes(QUESTION, None))[0] == (await EnvRegistry().routes(QUESTION, None))[0]


async def test_seeding_again_leaves_rows_as_they_are() -> None:
    await in_db(seed_after_migrate, "default")
    await in_db(provider, enabled=False)
    await in_db(seed_after_migrate, "default")
    assert (await names())[0] == "mistral/mistral-small-latest"


async def test_the_models_of_the_current_release_answer_in_every_process_at_once() -> None:
    registry = RowRegistry()
    assert (await names(registry=registry))[0] == "groq/llama-3.3-70b-versatile"
    await in_db(release, "2", standard=["openai/gpt-4.1", "groq/other"])
    expected = ["openai/gpt-4.1", "groq/other", "groq/llama-3.3-70b-versatile"]
    assert (await names(registry=registry))[:3] == expected


async def test_a_draft_changes_nothing() -> None:
    await in_db(release, "next", Release.State.DRAFT, standard=["openai/gpt-4.1"])
    assert (await names())[0] == "groq/llama-3.3-70b-versatile"


async def test_a_provider_that_is_switched_off_is_not_asked() -> None:
    await in_db(provider, enabled=False)
    assert (await names())[0] == "mistral/mistral-small-latest"
    with pytest.raises(llm.errors.NotConnected):
        await RowRegistry().routes(QUESTION, "groq")


@pytest.mark.parametrize(
    ("address", "allowed", "asked"),
    [
        ("https://api.groq.com/openai/v2", "", True),  # another path of the same host
        ("https://elsewhere.example/v1", "", False),
        ("https://elsewhere.example/v1", "elsewhere.example", True),
        ("https://api.groq.com.evil.example/v1", "", False),
        ("http://api.groq.com/openai/v1", "", False),  # the key would go in clear
        ("https://api.groq.com:8443/v1", "", False),
        ("http://127.0.0.1#@api.groq.com", "127.0.0.1", False),
        ("http://2130706433/v1", "2130706433", False),
        ("http://10.0.0.5:8000/v1", "10.0.0.5:8000", True),
    ],
)
async def test_no_key_goes_to_a_host_that_nobody_named(address: str, allowed: str, asked: bool) -> None:
    await in_db(provider, base_url=address)
    with conf.override(ALLOWED_HOSTS=allowed):
        routes = await RowRegistry().routes(QUESTION, None)
    assert (routes[0].provider.name == "groq") is asked
    assert all(one.base_url != address for one in routes) or asked


async def test_a_row_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_BASE_URL", "https://gateway.example/groq")
    monkeypatch.setenv("GROQ_TIMEOUT", "11")
    row = await in_db(provider, base_url="https://gateway.example/v2")
    (route, *_) = await RowRegistry().routes(QUESTION, None)
    assert (route.base_url, route.provider.patience(), route.provider.guarded) == (
        "https://gateway.example/v2",
        11,
        False,
    )

    def wait() -> None:
        row.first_byte, row.between, row.total = 5.0, 6.0, 7.0
        row.save()

    await in_db(wait)
    (route, *_) = await RowRegistry().routes(QUESTION, None)
    assert (route.provider.patience(), route.provider.between, route.provider.total) == (5, 6, 7)


async def test_what_a_model_can_do_and_a_task_may_cost_is_said_in_rows() -> None:
    def say() -> None:
        LanguageModel.objects.update_or_create(
            provider="groq", name="llama-3.3-70b-versatile", defaults={"tools": False}
        )
        TaskSetting.objects.update_or_create(
            task="chat", defaults={"completion_cap": 77, "prompt_cap": 50_000, "tier": "bulk"}
        )

    await in_db(say)
    tool = {"type": "function", "function": {"name": "f"}}
    assert (await names(llm.Call(messages=QUESTION.messages, tools=(tool,))))[0] == "mistral/mistral-small-latest"
    (route, *_) = await RowRegistry().routes(QUESTION, None)
    assert (route.max_tokens, route.tier) == (77, "bulk")


async def test_the_kill_switch_holds_at_once_and_for_some_companies_only() -> None:
    registry = RowRegistry()

    def switch(**fields: Any) -> None:
        Flag.objects.update_or_create(name=catalogue.KILL_SWITCH, defaults={"superusers": False, **fields})

    await in_db(switch, everyone=False)
    assert (await names(registry=registry))[0] == "groq/llama-3.3-70b-versatile"
    await in_db(switch, everyone=True)
    assert await names(registry=registry) == ["analyst/analyst"]
    assert [one.name for one in await registry.routes(QUESTION, "groq")] == ["analyst/analyst"]

    acme = await in_db(lambda: Tenant.objects.create(name="Acme", slug="acme-off"))
    await in_db(switch, everyone=None)
    await in_db(lambda: Flag.objects.get(name=catalogue.KILL_SWITCH).tenants.add(acme))
    of_acme = llm.Call(messages=QUESTION.messages, labels={"tenant": str(acme.id)})
    assert await names(of_acme, registry) == ["analyst/analyst"]
    assert (await names(registry=registry))[0] == "groq/llama-3.3-70b-versatile"


async def test_a_dead_database_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = RowRegistry()
    await in_db(release, "2", standard=["openai/gpt-4.1"])
    assert (await names(registry=registry))[0] == "openai/gpt-4.1"
    monkeypatch.setattr(catalogue, "NOW", "SELECT nothing FROM nowhere WHERE 'x' = %s")
    assert (await names(registry=registry))[0] == "openai/gpt-4.1"


async def test_the_rows_are_read_once_for_each_state_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[catalogue.Catalogue] = []
    read = catalogue.read

    def counted() -> catalogue.Catalogue:
        reads.append(read())
        return reads[-1]

    monkeypatch.setattr(catalogue, "read", counted)
    await in_db(provider)
    await names()
    await names()
    assert len(reads) == 1


def test_no_row_has_a_place_for_a_key() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name || '.' || column_name FROM information_schema.columns"
            " WHERE table_name LIKE 'providers_%%' AND (column_name LIKE '%%key%%' OR column_name LIKE '%%secret%%')"
        )
        assert cursor.fetchall() == []


async def test_an_edited_address_gets_nothing_until_its_host_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """THREATS T30, over sockets: only the row's address was changed."""
    call = replace(QUESTION, patience="none")
    async with running() as strange, running() as named:
        monkeypatch.setenv("GROQ_BASE_URL", named.url)
        with conf.override(REGISTRY=RowRegistry(), FALLBACK="", METER="csuite.llm.meter.NullMeter", ANALYST=""):
            assert (await llm.complete(call)).provider == "groq"
            await in_db(provider, base_url=strange.url)
            with pytest.raises(llm.errors.LLMError):
                await llm.complete(replace(call, route="groq"))
            assert (strange.requests, len(named.requests)) == ([], 1)
            with conf.override(ALLOWED_HOSTS=f"127.0.0.1:{strange.port}"):
                assert (await llm.complete(call)).provider == "groq"
    assert [entry.auth != "" for entry in strange.requests] == [True]


async def test_the_calls_of_one_turn_go_by_what_was_read_for_it_and_the_next_turn_by_what_holds_then() -> None:
    registry = RowRegistry()
    first, second = (llm.Call(messages=QUESTION.messages, labels={"turn": name}) for name in ("one", "two"))
    before = await names(first, registry)
    await in_db(provider, enabled=False)
    assert await names(first, registry) == before
    assert await names(second, registry) != before
    assert await names(QUESTION, registry) != before
