"""The analyst is a provider like any other: it streams, it costs nothing, it says what it is."""

from contextlib import aclosing
from uuid import uuid4

import pytest

from csuite import llm
from csuite.llm import conf
from csuite.personas.analyst import CLOSING
from csuite.personas.analyst.dialect import NEEDS_A_MODEL
from csuite.profiles.records import to_json
from tests.profiles.northwind import facts

SETTINGS = {
    "ANALYST": "csuite.personas.analyst.Analyst",
    "PRIMARY": "analyst",
    "METER": "csuite.llm.meter.NullMeter",
    "PRICES": "csuite.llm.prices.GenaiPrices",
    "REGISTRY": "csuite.llm.registry.EnvRegistry",
}


@pytest.fixture(autouse=True)
def _no_pace(settings: object) -> None:
    settings.ANALYST_PACE = 0  # type: ignore[attr-defined]


def call(**more: object) -> llm.Call:
    messages = (
        llm.Message("system", "You are the CFO."),
        llm.Message("user", "Gross margin in October?"),
        llm.Message("assistant", "38.4%"),
        llm.Message("user", "And in September?"),
    )
    known = {**to_json(facts()), "persona": {"key": "cfo"}}
    fields = {"messages": messages, "labels": {"tenant": str(uuid4())}, "facts": known, **more}
    return llm.Call(**fields)  # type: ignore[arg-type]


async def test_it_streams_word_by_word_and_costs_nothing() -> None:
    with conf.override(**SETTINGS):
        async with aclosing(llm.stream(call())) as events:
            seen = [event async for event in events]
    started, *deltas, finished = seen
    assert isinstance(started, llm.Started)
    text = "".join(delta.text for delta in deltas if isinstance(delta, llm.Delta))
    assert len(deltas) > 10
    assert "41.2%" in text
    assert text.endswith(f"*{CLOSING}*\n")
    assert isinstance(finished, llm.Finished)
    assert (finished.finish_reason, finished.usage.prompt, finished.usage.completion) == ("stop", 0, 0)
    assert finished.cost == 0
    assert finished.note == CLOSING


async def test_it_answers_whole_when_not_streamed() -> None:
    with conf.override(**SETTINGS):
        reply = await llm.complete(call())
    assert reply.text.endswith(f"*{CLOSING}*\n")


@pytest.mark.parametrize("data", [None, {}, {"today": "never"}], ids=["none", "empty", "broken"])
async def test_without_readable_facts_it_says_that_a_model_is_needed(data: object) -> None:
    with conf.override(**SETTINGS):
        reply = await llm.complete(call(facts=data))
    assert reply.text == NEEDS_A_MODEL


async def test_the_persona_may_come_from_the_labels() -> None:
    bare = to_json(facts())
    with conf.override(**SETTINGS):
        reply = await llm.complete(call(facts=bare, labels={"tenant": "t", "persona": "ceo"}, messages=()))
    assert "I cannot answer that" in reply.text
