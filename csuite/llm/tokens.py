"""How many tokens a text has: by the model's own vocabulary where it is known, else characters / 4.

The vocabularies are inside the rs-bpe wheel, so this works offline. One costs some 65 MB once loaded, which
is why it is loaded at the first count and not before. Bills are made from the provider's usage, never from this.
"""

from collections.abc import Iterable
from functools import cache
from math import ceil
from typing import Protocol

from csuite.llm.call import Message

# Beginnings of model names (after the last "/"), longest first where one begins another.
VOCABULARIES = (
    ("gpt-4o", "o200k_base"),
    ("gpt-4.1", "o200k_base"),
    ("gpt-4.5", "o200k_base"),
    ("gpt-5", "o200k_base"),
    ("chatgpt-4o", "o200k_base"),
    ("gpt-oss", "o200k_base"),
    ("o1", "o200k_base"),
    ("o3", "o200k_base"),
    ("o4", "o200k_base"),
    ("gpt-4", "cl100k_base"),
    ("gpt-3.5", "cl100k_base"),
    ("text-embedding-3", "cl100k_base"),
    ("text-embedding-ada", "cl100k_base"),
)
CHARACTERS_PER_TOKEN = 4
PER_MESSAGE = 4  # role and separators around each message, in OpenAI's own count


class Vocabulary(Protocol):
    def count(self, text: str) -> int: ...


def count_tokens(model: str, text: str) -> int:
    """Tokens of `text` for `model`; an estimate unless `is_exact(model)`."""
    name = _vocabulary(model)
    return _load(name).count(text) if name else ceil(len(text) / CHARACTERS_PER_TOKEN)


def count_messages(model: str, messages: Iterable[Message]) -> int:
    """Tokens of a whole prompt; always an estimate, for each provider wraps messages in its own way."""
    return sum(count_tokens(model, message.text) + PER_MESSAGE for message in messages)


def is_exact(model: str) -> bool:
    """Whether the model's own vocabulary is known."""
    return bool(_vocabulary(model))


def _vocabulary(model: str) -> str:
    name = model.rpartition("/")[2].lower()
    return next((vocabulary for start, vocabulary in VOCABULARIES if name.startswith(start)), "")


@cache
def _load(name: str) -> Vocabulary:
    from rs_bpe.bpe import openai

    vocabulary: Vocabulary = getattr(openai, name)()
    return vocabulary
