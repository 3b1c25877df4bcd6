"""Counting tokens: by the model's own vocabulary where it is inside the wheel, else four characters each."""

import pytest

from csuite import llm
from csuite.llm.tokens import (
    PER_IMAGE,
    PER_MESSAGE,
    PER_SMALL_IMAGE,
    count_messages,
    is_exact,
    most_tokens,
    prompt_tokens,
    rough_tokens,
)

TEXT = "The quick brown fox jumps over the lazy dog."


@pytest.mark.parametrize(
    "model", ["gpt-4o", "openai/gpt-4.1-mini", "o3", "ft:gpt-4o-mini:acme::1", "gpt-5.4", "gpt-4-turbo"]
)
def test_the_vocabulary_of_openais_models_is_known(model: str) -> None:
    assert is_exact(model)
    assert llm.count_tokens(model, TEXT) == 10


@pytest.mark.parametrize(
    "model", ["claude-sonnet-4-6", "llama-3.3-70b-versatile", "qwen2p5-72b-instruct", "mistral-small-latest"]
)
def test_others_are_estimated_at_four_characters_a_token(model: str) -> None:
    assert not is_exact(model)
    assert llm.count_tokens(model, TEXT) == 11


def test_images_count_by_the_rule_and_low_detail_counts_little() -> None:
    def image(**more: str) -> dict[str, object]:
        return {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA==", **more}}

    parts = ({"type": "text", "text": "1234"}, image(), image(detail="low"))
    assert count_messages("x", [llm.Message("user", parts)]) == 1 + PER_IMAGE + PER_SMALL_IMAGE + PER_MESSAGE


def test_tools_schema_and_tool_calls_count() -> None:
    bare = llm.Call(messages=(llm.Message("user", "Hello"),))
    tool = {"type": "function", "function": {"name": "f", "description": "d" * 400}}
    called = llm.Message("assistant", tool_calls=(llm.ToolCall("1", "look_up", '{"a": 1234567890}'),))
    assert rough_tokens(llm.Call(messages=bare.messages, tools=(tool,))) > rough_tokens(bare) + 100
    assert rough_tokens(llm.Call(messages=bare.messages, schema={"a": "b" * 400})) > rough_tokens(bare) + 100
    assert count_messages("x", [called]) == PER_MESSAGE + 2 + 5


@pytest.mark.parametrize("text", [TEXT, "日本語のテキスト" * 20, "🙂" * 50, "\n\n\t", ""])
@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4", "claude-3-haiku"])
def test_no_vocabulary_makes_more_tokens_than_the_bound(model: str, text: str) -> None:
    call = llm.Call(messages=(llm.Message("user", text),), tools=({"name": text},))
    assert prompt_tokens(model, call) <= most_tokens(call)
