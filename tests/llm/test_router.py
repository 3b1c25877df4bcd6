"""Who may answer: by task, tier and complexity, by what a model can do and holds, by cost and by health."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from csuite import llm
from csuite.llm import conf
from csuite.llm.capabilities import Capabilities, known
from csuite.llm.prices import Cost
from csuite.llm.providers import table
from csuite.llm.registry import EnvRegistry, Route
from csuite.llm.router import Plan, healthy_first, steps
from csuite.llm.tasks import TASKS, tier_of
from csuite.llm.tokens import rough_tokens
from tests.llm.asking import question

IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {}}}
HOUSE = {"base_url": "http://127.0.0.1:9/v1", "key_wanted": False, "model": "own"}
ROWS = {"house": HOUSE, "other": {**HOUSE, "model": "theirs"}}
TIERS = {"premium": ["house/large"], "standard": ["house/middle", "other/middle"], "bulk": ["house/small"]}


def words(tokens: int) -> llm.Message:
    """A message of about so many estimated tokens."""
    return llm.Message("user", "word " * (tokens * 4 // 5))


async def chain(call: llm.Call | None = None, wanted: str | None = None, **settings: Any) -> list[Route]:
    streamed = settings.pop("streamed", False)
    with conf.override(**{"PROVIDERS": ROWS, "PRIMARY": "house", **settings}):
        return list(await EnvRegistry().routes(call or question(), wanted, streamed=streamed))


async def names(call: llm.Call | None = None, **settings: Any) -> list[str]:
    return [one.name for one in await chain(call, **settings)]


async def refused(call: llm.Call, **settings: Any) -> llm.errors.LLMError:
    with pytest.raises(llm.errors.LLMError) as caught:
        await chain(call, **settings)
    return caught.value


async def test_without_models_in_tiers_the_primary_and_the_fallback_answer() -> None:
    assert await names() == ["house/own"]
    assert await names(FALLBACK="other") == ["house/own", "other/theirs"]


async def test_a_tier_answers_with_its_models_then_smaller_ones_then_the_primary() -> None:
    found = await chain(question(tier="premium"), TIERS=TIERS)
    assert [(one.name, one.tier, one.step_down) for one in found] == [
        ("house/large", "premium", False),
        ("house/middle", "standard", True),
        ("other/middle", "standard", True),
        ("house/small", "bulk", True),
        ("house/own", "premium", False),
    ]
    assert await names(question(tier="bulk"), TIERS=TIERS) == ["house/small", "house/own"]


async def test_a_model_stands_once_in_a_chain_at_its_first_place() -> None:
    tiers = {"standard": ["house/own", "house/middle"], "bulk": ["house/own"]}
    assert await names(TIERS=tiers, FALLBACK="other") == ["house/own", "house/middle", "other/theirs"]


async def test_a_larger_tier_answers_only_where_nobody_else_could() -> None:
    tiers = {"premium": ["house/large"]}
    plan = Plan(providers={"house": replace(table()["local"], name="house", base_url="http://h/v1")}, tiers=tiers)
    assert [step.model for step in steps(replace(plan, primary="house"), "bulk")] == [""]
    closed = replace(plan, primary="house", closed=frozenset({"house"}))
    assert steps(closed, "bulk") == []


async def test_a_provider_without_its_key_has_no_place_in_a_tier(monkeypatch: pytest.MonkeyPatch) -> None:
    tiers = {"standard": ["groq/m", "house/middle"]}
    assert await names(TIERS=tiers) == ["house/middle", "house/own"]
    monkeypatch.setenv("GROQ_API_KEY", "k")
    assert (await names(TIERS=tiers))[0] == "groq/m"


async def test_the_operators_word_for_the_analyst_goes_before_tiers() -> None:
    assert await names(TIERS=TIERS, PRIMARY="analyst", ANALYST="csuite.llm.scripted.Script") == ["analyst/analyst"]


@pytest.mark.parametrize(
    ("task", "simple", "complicated"),
    [(name, task.tier, task.complex) for name, task in TASKS.items()] + [("other", "standard", "standard")],
)
def test_a_task_has_a_tier_and_one_for_its_complex_calls(task: str, simple: str, complicated: str) -> None:
    short, long = question(task=task), question(task=task, messages=(words(9_000),))
    fitted = question(task=task, tools=(TOOL,), schema={"type": "object"})
    assert tier_of(short, rough_tokens(short)) == simple
    assert tier_of(long, rough_tokens(long)) == complicated
    assert tier_of(fitted, rough_tokens(fitted)) == complicated
    assert tier_of(replace(long, tier="bulk"), rough_tokens(long)) == "bulk"


@pytest.mark.parametrize(
    ("call", "lacking"),
    [
        (question(messages=(llm.Message("user", (IMAGE,)),)), "images"),
        (question(tools=(TOOL,)), "tools"),
        (question(schema={"type": "object"}), "json"),
    ],
)
async def test_a_request_is_kept_from_a_model_that_cannot_serve_it(call: llm.Call, lacking: str) -> None:
    unable = {"house/own": {lacking: False}}
    assert await names(call, FALLBACK="other", MODELS=unable) == ["other/theirs"]
    error = await refused(call, MODELS=unable)
    assert error.kind == "invalid_request"
    assert "None of the models that can be reached can" in error.sentence
    assert await names(question(), MODELS=unable) == ["house/own"]


async def test_a_stream_is_kept_from_a_model_that_does_not_stream() -> None:
    unable = {"house/own": {"streaming": False}}
    assert await names(MODELS=unable) == ["house/own"]
    assert (await refused(question(), MODELS=unable, streamed=True)).kind == "invalid_request"


async def test_a_model_that_is_switched_off_is_not_asked_and_a_pinned_one_says_so() -> None:
    off = {"house/own": {"enabled": False}}
    assert await names(FALLBACK="other", MODELS=off) == ["other/theirs"]
    error = await refused(question(), wanted="house/own", MODELS=off)
    assert error.sentence == "The model that was asked for is switched off."


async def test_a_prompt_goes_to_a_model_that_holds_it_and_is_too_long_where_none_does() -> None:
    small = {"house/own": {"window": 1_000}, "other/theirs": {"window": 9_000}}
    call = question(messages=(words(3_000),), max_tokens=500)
    (route,) = await chain(call, FALLBACK="other", MODELS=small)
    assert (route.name, route.window, route.max_tokens) == ("other/theirs", 9_000, 500)
    error = await refused(call, MODELS=small)
    assert (error.kind, error.code) == ("context_length", "too_long")


async def test_the_analyst_does_not_stand_in_for_a_model_that_cannot_serve_the_call() -> None:
    small = {"house/own": {"window": 1_000}}
    call = question(messages=(words(3_000),))
    assert (await refused(call, MODELS=small, ANALYST="csuite.llm.scripted.Script")).kind == "context_length"


async def test_an_answer_is_cut_to_what_the_model_says_at_most_and_has_room_for() -> None:
    (route,) = await chain(question(max_tokens=5_000), MODELS={"house/own": {"max_output": 700}})
    assert route.max_tokens == 700
    (route,) = await chain(
        question(max_tokens=5_000, messages=(words(1_000),)), MODELS={"house/own": {"window": 2_000}}
    )
    assert 900 < route.max_tokens < 1_010


async def test_caps_cut_the_answer_and_refuse_the_prompt() -> None:
    caps = {"chat": (2_000, 300)}
    (route,) = await chain(question(max_tokens=5_000), CAPS=caps)
    assert route.max_tokens == 300
    error = await refused(question(messages=(words(3_000),)), CAPS=caps)
    assert error.kind == "context_length"
    assert "2,000 are allowed" in error.sentence
    assert await names(question(task="draft", messages=(words(3_000),)), CAPS=caps) == ["house/own"]


async def test_every_task_has_caps_from_the_start() -> None:
    (route,) = await chain(question(max_tokens=1_000_000))
    assert route.max_tokens == TASKS["chat"].caps.completion


class ByName:
    """Prices by the model's name."""

    async def cost(self, provider: str, model: str, usage: llm.Usage, at: datetime, *, free: bool = False) -> Cost:
        return Cost(None if model == "unknown" else Decimal(len(model)))


async def test_in_the_bulk_tier_the_cheapest_answers_first_and_unknown_prices_last() -> None:
    tiers = {"bulk": ["house/unknown", "house/dearest", "house/cheap"], "standard": ["house/dearest", "house/cheap"]}
    cheap = ["house/cheap", "house/dearest", "house/unknown", "house/own"]
    assert await names(question(tier="bulk"), TIERS=tiers, PRICES=ByName()) == cheap
    assert (await names(question(tier="standard"), TIERS=tiers, PRICES=ByName()))[0] == "house/dearest"


async def test_an_unhealthy_provider_goes_to_the_end_and_stays_in_the_chain() -> None:
    routes = await chain(question(tier="standard"), TIERS=TIERS)
    plan = Plan(providers={}, unhealthy=frozenset({"house"}))
    assert healthy_first(routes, plan)[0].name == "other/middle"
    assert len(healthy_first(routes, plan)) == len(routes)


async def test_vectors_come_from_a_provider_that_makes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    call = question(task="embed")
    rows = {"house": {**HOUSE, "embedding_model": "vec"}, "other": HOUSE}
    assert await names(call, PROVIDERS=rows, PRIMARY="other") == ["house/vec"]
    assert (await refused(call)).kind == "connection"
    off = conf.override(PROVIDERS=rows, ENABLED=False, ANALYST="csuite.llm.scripted.Script", PRIMARY="house")
    with off, pytest.raises(llm.errors.NotConnected):
        await llm.embed(["a"], labels={"tenant": "t"})


@pytest.mark.parametrize(
    ("provider", "model", "can"),
    [
        ("openai", "gpt-4.1-mini", Capabilities(1_047_576, 32_768)),
        ("openrouter", "openai/gpt-4o-2024-08-06", Capabilities(128_000, 16_384)),
        ("openai", "gpt-4-turbo-2024-04-09", Capabilities(128_000, 4_096)),
        ("openrouter", "anthropic/claude-3.5-sonnet", Capabilities(200_000, 8_192)),
        ("anthropic", "claude-sonnet-4-20250514", Capabilities(200_000, 64_000)),
        ("groq", "openai/gpt-oss-120b", Capabilities(131_072, 65_536, images=False)),
        ("fireworks", "accounts/fireworks/models/qwen2p5-72b-instruct", Capabilities(32_768, images=False)),
        ("nobody", "never-heard-of", Capabilities()),
    ],
)
def test_what_models_can_do_is_known_by_the_longest_beginning(provider: str, model: str, can: Capabilities) -> None:
    assert known(provider, model) == can


def test_an_installation_says_otherwise_where_it_says_anything() -> None:
    said = {"openai/gpt-4o": {"window": 5, "images": None, "title": "x"}}
    assert known("openai", "gpt-4o", said) == Capabilities(5, 16_384)
