"""Who answers: by settings, by keys, by a local server, else the analyst."""

from collections.abc import AsyncGenerator, Iterator
from decimal import Decimal

import pytest

from csuite import llm
from csuite.llm import conf, discovery
from csuite.llm.dialects import Said
from csuite.llm.providers import ORDER, table
from csuite.llm.registry import EnvRegistry, Route
from tests.fake_provider import FakeProvider
from tests.llm.asking import hear, primary, question
from tests.llm.conftest import KeepingMeter


class ByRule:
    """An analyst."""

    async def run(self, call: llm.Call, route: Route, said: Said, *, streamed: bool) -> AsyncGenerator[str, None]:
        yield f"by rule: {(call.facts or {}).get('margin')}"
        said.finish_reason, said.whole = "stop", True


ANALYST = f"{__name__}.ByRule"


@pytest.fixture
def analyst() -> Iterator[None]:
    with conf.override(ANALYST=ANALYST):
        yield


async def routes(call: llm.Call | None = None, wanted: str | None = None) -> list[tuple[str, str]]:
    return [(r.provider.name, r.model) for r in await EnvRegistry().routes(call or llm.Call(), wanted)]


@pytest.mark.usefixtures("analyst")
async def test_the_first_provider_with_a_key_answers_and_the_analyst_is_last(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await routes() == [("analyst", "analyst")]
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    assert await routes() == [("openai", "gpt-4.1-mini"), ("analyst", "analyst")]
    monkeypatch.setenv("FIREWORKS_API_KEY", "k")
    assert (await routes())[0] == ("fireworks", "accounts/fireworks/models/qwen2p5-72b-instruct")


@pytest.mark.usefixtures("analyst")
async def test_the_analyst_is_not_asked_to_fill_in_a_form(monkeypatch: pytest.MonkeyPatch, meter: KeepingMeter) -> None:
    heard = await hear(question(schema={"type": "object"}))
    assert (heard.kind, meter.attempts) == ("connection", [])
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    assert await routes(llm.Call(schema={"type": "object"})) == [("openai", "gpt-4.1-mini")]


@pytest.mark.usefixtures("analyst")
async def test_settings_name_primary_and_fallback() -> None:
    with conf.override(PRIMARY="groq", FALLBACK="mistral"):
        assert [name for name, _ in await routes()] == ["groq", "mistral", "analyst"]
    with conf.override(PRIMARY="groq", FALLBACK="groq"):
        assert [name for name, _ in await routes()] == ["groq", "analyst"]
    with conf.override(FALLBACK="mistral"):
        assert [name for name, _ in await routes()] == ["mistral", "analyst"]
    with conf.override(PRIMARY="analyst", FALLBACK="groq"):
        assert [name for name, _ in await routes()] == ["analyst"]


async def test_nobody_at_all_is_an_error() -> None:
    with pytest.raises(llm.errors.NotConnected):
        await routes()
    with pytest.raises(llm.errors.NoSuchModel):
        await routes(wanted="nobody")


async def test_the_environment_and_the_call_say_what_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def sent(**fields: object) -> tuple[str, int, float, str]:
        (route,) = await EnvRegistry().routes(question(**fields), "fireworks")
        return route.model, route.max_tokens, route.temperature, route.base_url

    with conf.override(MAX_TOKENS=99, TEMPERATURE=0.1):
        fixed = ("accounts/fireworks/models/qwen2p5-72b-instruct", 2048, 0.7, "https://api.fireworks.ai/inference/v1")
        assert await sent() == fixed
        monkeypatch.setenv("FIREWORKS_MODEL", "m")
        monkeypatch.setenv("FIREWORKS_MAX_TOKENS", "7")
        monkeypatch.setenv("FIREWORKS_TEMPERATURE", "0.25")
        monkeypatch.setenv("FIREWORKS_BASE_URL", "http://127.0.0.1:1/v1/")
        assert await sent() == ("m", 7, 0.25, "http://127.0.0.1:1/v1")
        assert await sent(max_tokens=3, temperature=0.0) == ("m", 3, 0.0, "http://127.0.0.1:1/v1")
        monkeypatch.setenv("FIREWORKS_TEMPERATURE", "warm")
        assert (await sent())[2] == 0.7
        (groq,) = await EnvRegistry().routes(llm.Call(), "groq/other")
        assert (groq.model, groq.max_tokens, groq.temperature) == ("other", 99, 0.1)


async def test_a_pinned_call_has_no_fallback(fake_provider: FakeProvider) -> None:
    rows = {"other": fake_provider.row("fake-2t")}
    with primary(fake_provider, "fake-x500", rows=rows), conf.override(FALLBACK="other", ANALYST=ANALYST):
        assert (await hear(question(route="fake"))).kind == "server_error"
        assert (await hear(question(route="other"))).started.provider == "other"


@pytest.mark.usefixtures("analyst")
async def test_the_kill_switch_and_the_meter_both_force_the_analyst(
    fake_provider: FakeProvider, meter: KeepingMeter
) -> None:
    with primary(fake_provider), conf.override(ENABLED=False):
        heard = await hear(question(facts={"margin": 41}))
    assert heard.text == "by rule: 41"
    meter.route = "analyst"
    with primary(fake_provider):
        heard = await hear(question(facts={"margin": 41}))
    assert heard.text == "by rule: 41"
    assert heard.started.note == "No language model was used. The built-in analyst answered from your metrics by rule."
    assert fake_provider.requests == []
    assert [(attempt.cost, attempt.fallback) for attempt in meter.attempts] == [(Decimal(0), False)] * 2


async def test_a_step_down_reaches_the_registry_as_the_tier(fake_provider: FakeProvider, meter: KeepingMeter) -> None:
    meter.route = "bulk"
    with primary(fake_provider):
        await hear()
    assert meter.attempts[0].tier == "bulk"


@pytest.mark.usefixtures("analyst")
async def test_when_every_provider_fails_the_analyst_says_why_it_answers(
    fake_provider: FakeProvider, meter: KeepingMeter
) -> None:
    with primary(fake_provider, "fake-x429"):
        heard = await hear()
    why = "Fake was over its limit, so the built-in analyst answered from your metrics by rule."
    assert heard.started.note == f"No language model was used. {why}"
    assert [(attempt.provider, attempt.fallback) for attempt in meter.attempts] == [("fake", False), ("analyst", True)]


@pytest.mark.usefixtures("analyst")
@pytest.mark.parametrize("status", [400, 413, 422])
async def test_what_the_request_is_at_fault_for_is_not_asked_elsewhere(
    fake_provider: FakeProvider, status: int
) -> None:
    with primary(fake_provider, f"fake-x{status}"):
        assert (await hear()).kind in ("invalid_request", "context_length")


async def test_the_first_failure_is_the_one_that_is_told(fake_provider: FakeProvider) -> None:
    rows = {"other": fake_provider.row("fake-x401")}
    with primary(fake_provider, "fake-x429", rows=rows), conf.override(FALLBACK="other"):
        heard = await hear()
    assert heard.error is not None
    assert (heard.kind, heard.error.tried, heard.error.retry_after) == ("rate_limit", ("fake", "other"), 1.0)


async def test_a_local_server_that_is_named_is_asked_for_its_model(
    fake_provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCAL_LLM_BASE_URL", fake_provider.url + "/")
    heard = await hear()
    assert (heard.started.provider, heard.started.model, heard.finished.cost) == ("local", "fake", Decimal(0))
    assert discovery.answering.__name__
    said = await discovery.who_answers()
    assert str(said) == f"fake answers, by the local model at {fake_provider.url}"


async def test_a_local_server_is_found_at_a_usual_port(
    fake_provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = (("Nobody", "http://127.0.0.1:9/v1"), ("Ollama", fake_provider.url))
    monkeypatch.setattr(discovery, "USUAL", places)
    assert await discovery.local_server() is None
    with conf.override(DISCOVER=True):
        assert await discovery.local_server() == discovery.Server("Ollama", fake_provider.url, "fake")
        fake_provider.models = ()
        discovery.forget()
        assert await discovery.local_server() == discovery.Server("Ollama", fake_provider.url, "")
        assert (await hear()).started.provider == "local"


async def test_a_named_local_server_that_is_down_is_still_the_one_that_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOCAL_LLM_BASE_URL", "http://127.0.0.1:9/v1")
    assert (await hear()).kind == "connection"


def test_the_banner_says_who_answers_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(discovery.answering()) == discovery.NOBODY
    with conf.override(ANALYST=ANALYST):
        assert discovery.answering().sentence.startswith("no key found: the built-in analyst answers; set FIREWORKS")
        with conf.override(ENABLED=False):
            assert "LLM_ENABLED is false" in str(discovery.answering())
        with conf.override(PRIMARY="analyst"):
            assert "LLM_PRIMARY_PROVIDER is analyst" in str(discovery.answering())
        monkeypatch.setenv("GROQ_API_KEY", "k")
        assert str(discovery.answering()) == "llama-3.3-70b-versatile answers, by Groq"


def test_every_row_that_wants_a_key_is_in_the_order_of_choice() -> None:
    rows = table()
    assert {name for name, row in rows.items() if row.key_wanted and row.key_name} == set(ORDER)
    assert all(row.base_url.startswith("https://") for name, row in rows.items() if name in ORDER)


def test_settings_change_a_row_and_add_one() -> None:
    with conf.override(PROVIDERS={"groq": {"model": "m"}, "house": {"base_url": "http://h/v1"}}):
        rows = table()
    assert (rows["groq"].model, rows["groq"].title, rows["house"].title) == ("m", "Groq", "House")


async def test_health_tells_the_providers_that_would_answer(fake_provider: FakeProvider) -> None:
    with primary(fake_provider, rows={"other": fake_provider.row("fake-x429")}), conf.override(FALLBACK="other"):
        await hear()
        await hear(question(route="other"))
        first, second = await llm.health()
    assert (first.provider, first.ok, first.usable, first.error) == ("fake", True, True, "")
    assert (second.provider, second.ok, second.error) == ("other", False, "rate_limit")
    assert first.last_ok is not None
    assert llm.stats()["other"].errors["rate_limit"] >= 1
    assert await llm.health() == ()
