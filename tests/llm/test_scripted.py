"""The scripted provider and the settings of the layer."""

import asyncio
from contextlib import aclosing

import pytest

from csuite import llm
from csuite.llm import conf
from csuite.llm.meter import NullMeter
from csuite.llm.scripted import Answer, words
from tests.llm.asking import hear, question


async def test_a_script_answers_in_its_order_and_repeats_its_last() -> None:
    with llm.scripted.answers("One two", Answer("Three"), lambda call: f"{len(call.messages)} asked") as play:
        said = [(await hear()).text for _ in range(4)]
    assert said == ["One two", "Three", "1 asked", "1 asked"]
    assert [call.task for call in play.calls] == ["chat"] * 4


@pytest.mark.parametrize("kind", sorted(llm.errors.KINDS))
async def test_a_script_fails_as_it_is_told(kind: str) -> None:
    with llm.scripted.answers(Answer("One two three", error=kind, after=1, retry_after=3.0)):
        heard = await hear()
    assert heard.error is not None
    assert (heard.text, heard.kind, heard.error.retry_after) == ("One", kind, 3.0)


async def test_a_cut_script_is_broken_off() -> None:
    with llm.scripted.answers(Answer("One two three", cut=True)):
        heard = await hear()
    assert (heard.text, heard.kind) == ("One two three", "midstream")


async def test_a_script_waits_for_an_event_and_knows_who_left() -> None:
    go = asyncio.Event()
    with llm.scripted.answers(Answer(pieces=["a", go, "b"], pace=0.001, usage=llm.Usage(3, 2))) as play:
        async with aclosing(llm.stream(question())) as events:
            async for event in events:
                if event == llm.Delta("a"):
                    break
        assert play.closed == 1
        go.set()
        heard = await hear()
        assert (heard.text, heard.finished.usage) == ("ab", llm.Usage(3, 2))
        assert (await llm.complete(question())).text == "ab"


async def test_a_script_may_call_tools_and_say_nothing() -> None:
    calls = (llm.ToolCall("c", "metric", "{}"),)
    with llm.scripted.answers(Answer(tool_calls=calls, finish_reason="tool_calls")):
        heard = await hear()
        reply = await llm.complete(question())
    assert (heard.text, heard.finished.tool_calls, reply.tool_calls) == ("", calls, calls)
    assert [type(event) for event in heard.events] == [llm.Finished]


async def test_without_a_script_the_question_is_repeated() -> None:
    with conf.override(PRIMARY="scripted"):
        assert (await hear()).text == "You asked: Why did gross margin fall?"
        assert (await hear(llm.Call())).text == "You asked nothing."


@pytest.mark.parametrize("text", ["", "one", "one two", " lead", "trail ", "a\n\nb  c", "é ü"])
def test_words_joined_are_the_text(text: str) -> None:
    assert "".join(words(text)) == text


async def test_the_null_meter_books_nothing_and_refuses_nobody() -> None:
    meter = NullMeter()
    with conf.override(METER="csuite.llm.meter.NullMeter"), llm.scripted.answers("a"):
        assert (await hear()).text == "a"
    assert await meter.event("x") is None  # type: ignore[func-returns-value]
    hold = await meter.reserve([])
    assert await hold.close() is None  # type: ignore[func-returns-value]


def test_a_setting_comes_from_the_environment_where_nobody_set_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.test import override_settings

    with override_settings(LLM={"TRANSPORT": "httpx"}):
        monkeypatch.setenv("LLM_MAX_TOKENS", "12")
        monkeypatch.setenv("LLM_TEMPERATURE", "0.5")
        assert (conf.value("MAX_TOKENS"), conf.value("TEMPERATURE")) == (12, 0.5)
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    assert conf.value("PRIMARY") == ""


def test_text_of_the_environment_is_read_by_the_type_of_the_default() -> None:
    assert conf._read("no", True) is False
    assert conf._read("yes", False) is True
    assert conf._read("groq", "") == "groq"


def test_a_setting_that_does_not_exist_cannot_be_overridden() -> None:
    with pytest.raises(KeyError, match="PRIMERY"), conf.override(PRIMERY="x"):
        pass
