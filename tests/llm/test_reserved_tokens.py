"""What is reserved for a prompt is a bound, whatever is written in it: tokens that are counted later are never more."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csuite import llm
from csuite.llm import conf
from csuite.llm.estimating import quotes
from csuite.llm.prices import Cost
from csuite.llm.tokens import VOCABULARIES, _load, prompt_tokens, reserved_tokens
from csuite.llm.usage import Usage

UNKNOWN = "claude-sonnet-4-6"  # no vocabulary of it is at hand
VOCABULARY = sorted({name for _, name in VOCABULARIES})
SCRIPTS = ["Почему упала маржа?", "为什么毛利率下降了？", "粗利率はなぜ下がった", "لماذا انخفض الهامش", "मार्जिन क्यों गिरा", "Γιατί", "왜 떨어졌나", "🙂📉🇩🇪👩‍💼", "1|22|333\n" * 9, "{}[]();:!?", "\t \n" * 9, "zqxjv kqzwx"]  # fmt: skip  # noqa: E501
texts = st.text(max_size=200) | st.sampled_from(SCRIPTS).map(lambda text: text * 20)


def asked(*words: str, **fields: Any) -> llm.Call:
    return llm.Call(messages=tuple(llm.Message("user", text) for text in words), **fields)


@pytest.mark.parametrize("vocabulary", VOCABULARY)
@settings(max_examples=50)
@given(text=texts)
def test_no_vocabulary_that_we_ship_makes_more_of_a_text_than_the_bound_without_one(vocabulary: str, text: str) -> None:
    assert _load(vocabulary).count(text) <= reserved_tokens(UNKNOWN, asked(text))


@pytest.mark.parametrize("model", [UNKNOWN, "gpt-4.1", "gpt-4", "llama-3.3-70b-versatile"])
@settings(max_examples=30)
@given(words=st.lists(texts, max_size=4), tool=st.dictionaries(st.text(max_size=9), texts, max_size=3))
def test_the_bound_is_never_below_what_is_counted(model: str, words: list[str], tool: dict[str, str]) -> None:
    for call in (asked(*words), asked(*words, tools=(tool,)), asked(*words, schema=tool)):
        assert prompt_tokens(model, call) < reserved_tokens(model, call)


@pytest.mark.parametrize("text", SCRIPTS)
def test_a_text_in_another_script_is_not_taken_for_english(text: str) -> None:
    """Four characters a token, as counts are shown, would be too little for most of them."""
    assert reserved_tokens(UNKNOWN, asked(text)) >= len(text.encode())


def test_text_that_is_no_unicode_has_a_bound_too() -> None:
    assert reserved_tokens(UNKNOWN, asked("\ud800")) > 3


def test_tools_images_and_calls_of_tools_are_in_it() -> None:
    bare = reserved_tokens(UNKNOWN, asked("Why?"))
    image = ({"type": "image_url", "image_url": {"url": "data:image/png;base64,AA==", "detail": "low"}},)
    with_image = llm.Call(messages=(llm.Message("user", image),))
    assert reserved_tokens(UNKNOWN, with_image) > 4_784
    called = llm.Message("assistant", tool_calls=(llm.ToolCall("1", "look_up", "ü" * 100),))
    assert reserved_tokens(UNKNOWN, llm.Call(messages=(called,))) > 200
    assert reserved_tokens(UNKNOWN, asked("Why?", tools=({"name": "f"},))) > bare + 800


class ByToken:
    """A dollar for each token of the prompt, nothing for the answer."""

    async def cost(self, provider: str, model: str, usage: Usage, at: datetime, *, free: bool = False) -> Cost:
        return Cost(Decimal(usage.prompt or 0))


@pytest.mark.parametrize("model", ["claude-sonnet-4-6", "gpt-4.1-mini"])
async def test_the_most_of_a_quote_is_by_the_bound_and_the_short_answer_by_the_count(model: str) -> None:
    call = asked("为什么毛利率下降了？" * 50)
    with conf.override(
        PRICES=ByToken(), PRIMARY="fake", PROVIDERS={"fake": {"base_url": "http://x/v1", "model": model}}
    ):
        (quoted,) = await quotes(call)
    assert quoted.short.amount == prompt_tokens(model, call)
    assert quoted.most.amount == reserved_tokens(model, call)
