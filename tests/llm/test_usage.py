"""Counts out of the objects that providers send: one formula for each of their dialects, figure by figure."""

from decimal import Decimal
from typing import Any

import pytest

from csuite.llm.providers import table
from csuite.llm.usage import UNSAID, Usage

OPENAI = {
    "prompt_tokens": 1420,
    "completion_tokens": 100,
    "total_tokens": 1520,
    "prompt_tokens_details": {"cached_tokens": 1280, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 64, "audio_tokens": 0},
}
ANTHROPIC = {
    "input_tokens": 12,
    "cache_creation_input_tokens": 900,
    "cache_read_input_tokens": 4000,
    "cache_creation": {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 700},
    "output_tokens": 755,
    "output_tokens_details": {"thinking_tokens": 456},
    "service_tier": "standard",
}
GROQ = {"queue_time": 0.005, "prompt_tokens": 330, "completion_tokens": 87, "total_tokens": 417, "total_time": 0.1}
OPENROUTER = {
    "prompt_tokens": 626,
    "completion_tokens": 106,
    "total_tokens": 732,
    "cost": 0.0000368,
    "is_byok": False,
    "prompt_tokens_details": {"cached_tokens": 500, "cache_write_tokens": 20},
    "cost_details": {"upstream_inference_cost": None},
    "completion_tokens_details": {"reasoning_tokens": 70},
}
PLAIN = {"prompt_tokens": 46, "total_tokens": 66, "completion_tokens": 20}

GOLDEN: tuple[tuple[str, Any, Usage], ...] = (
    ("openai", {"usage": OPENAI}, Usage(prompt=1420, completion=100, cached=1280, reasoning=64)),
    (
        "anthropic",
        {"type": "message_start", "message": {"usage": ANTHROPIC}},
        Usage(
            prompt=12,
            completion=755,
            cached=4000,
            cache_write=900,
            cache_write_1h=700,
            reasoning=456,
            cached_apart=True,
        ),
    ),
    (
        "anthropic",
        {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 44}},
        Usage(completion=44, cached_apart=True),
    ),
    ("groq", {"x_groq": {"id": "req_1", "usage": GROQ}}, Usage(prompt=330, completion=87)),
    ("groq", {"x_groq": {"id": "req_1"}, "usage": GROQ}, Usage(prompt=330, completion=87)),
    ("openrouter", {"usage": OPENROUTER}, Usage(prompt=626, completion=106, cached=500, cache_write=20, reasoning=70)),
    ("fireworks", {"usage": PLAIN}, Usage(prompt=46, completion=20)),
    (
        "fireworks",
        {"usage": {**PLAIN, "prompt_tokens_details": {"cached_tokens": 32}}},
        Usage(prompt=46, completion=20, cached=32),
    ),
    ("mistral", {"usage": PLAIN}, Usage(prompt=46, completion=20)),
    (
        "mistral",
        {"usage": {**PLAIN, "num_cached_tokens": 16, "prompt_audio_seconds": None}},
        Usage(prompt=46, completion=20, cached=16),
    ),
    ("cohere", {"usage": {**PLAIN, "cached_tokens": 7}}, Usage(prompt=46, completion=20, cached=7)),
    ("local", {"usage": PLAIN, "timings": {"prompt_n": 46}}, Usage(prompt=46, completion=20)),
    (
        "local",
        {"usage": {**PLAIN, "prompt_tokens_details": None}},
        Usage(prompt=46, completion=20),
    ),
)


@pytest.mark.parametrize(("provider", "chunk", "expected"), GOLDEN)
def test_the_counts_of_each_provider(provider: str, chunk: dict[str, Any], expected: Usage) -> None:
    dialect = table()[provider].usage
    raw = dialect.find(chunk)
    assert raw is not None
    assert dialect.read(raw) == expected


@pytest.mark.parametrize("chunk", [{}, {"usage": None}, {"usage": 7}, {"usage": []}, {"x_groq": {"id": "r"}}])
def test_a_chunk_without_usage_says_nothing(chunk: dict[str, Any]) -> None:
    assert table()["groq"].usage.find(chunk) is None


@pytest.mark.parametrize("odd", [None, -1, "7", 7.5, True, [], {}])
def test_a_count_that_is_no_count_is_unknown_and_not_zero(odd: object) -> None:
    assert table()["openai"].usage.read({"prompt_tokens": odd, "completion_tokens": 0}) == Usage(completion=0)


def test_openrouter_says_what_it_bills() -> None:
    assert table()["openrouter"].usage.billed_cost(OPENROUTER) == Decimal("0.0000368")


@pytest.mark.parametrize("odd", [None, True, "much", "NaN", "Infinity", []])
def test_a_bill_that_is_no_number_is_unknown(odd: object) -> None:
    assert table()["openrouter"].usage.billed_cost({"cost": odd}) is None


def test_counts_that_are_said_again_include_the_earlier_ones() -> None:
    first = Usage(prompt=273, completion=1, cached=0, cache_write_1h=5, cached_apart=True)
    last = Usage(prompt=273, completion=206, reasoning=9, cached_apart=True)
    assert first.grown(last) == Usage(
        prompt=273, completion=206, cached=0, cache_write_1h=5, reasoning=9, cached_apart=True
    )
    assert last.grown(Usage(prompt=0, completion=0, cached_apart=True)) == last


def test_what_was_read_counts_the_cache_wherever_it_stands() -> None:
    assert Usage(prompt=1420, cached=1280).read == 1420
    assert Usage(prompt=12, cached=4000, cache_write=900, cached_apart=True).read == 4912
    assert Usage(prompt=12, cached_apart=True).read == 12
    assert UNSAID.read is None
