"""How many tokens a text has: by the model's own vocabulary where it is known, else characters / 4.

The vocabularies are inside the rs-bpe wheel, so this works offline. One costs some 65 MB once loaded, which
is why it is loaded at the first count and not before. Anthropic, Meta, Qwen, Mistral and Cohere have none there:
their counts are estimates. Bills are made from the provider's usage, never from this.
"""

from collections.abc import Iterable
from functools import cache
from math import ceil
from typing import Protocol

import orjson

from csuite.llm.call import Call, Message

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
    ("gpt-35", "cl100k_base"),  # as Azure spells it
    ("davinci-002", "cl100k_base"),
    ("babbage-002", "cl100k_base"),
)
CHARACTERS_PER_TOKEN = 4
PER_MESSAGE = 4  # role and separators around each message, in OpenAI's own count
# An image, by a rule: what a photograph of 1,000 by 1,000 pixels costs at the dearer of OpenAI and Anthropic,
# and OpenAI's flat price of one in low detail. Its size is not looked at.
PER_IMAGE, PER_SMALL_IMAGE = 1_400, 85
# The most, for reservations. Around a prompt a provider may put dates or a system message of its own (Harmony's has
# some 80 tokens), and before tools how to call them (Anthropic's up to 800); an image of the largest size costs 4,784.
MOST_AROUND, MOST_AROUND_TOOLS, MOST_PER_MESSAGE, MOST_PER_IMAGE = 200, 1_000, 8, 5_000


class Vocabulary(Protocol):
    def count(self, text: str) -> int: ...


def count_tokens(model: str, text: str) -> int:
    """Tokens of `text` for `model`; an estimate unless `is_exact(model)`."""
    name = _vocabulary(model)
    return _load(name).count(text) if name else ceil(len(text) / CHARACTERS_PER_TOKEN)


def count_messages(model: str, messages: Iterable[Message]) -> int:
    """Tokens of a whole prompt; always an estimate, for each provider wraps messages in its own way."""
    return sum(_count_message(model, message) for message in messages)


def _count_message(model: str, message: Message) -> int:
    called = sum(count_tokens(model, call.name) + count_tokens(model, call.arguments) for call in message.tool_calls)
    return count_tokens(model, message.text) + called + image_tokens(message) + PER_MESSAGE


def image_tokens(message: Message) -> int:
    """What the images of a message count, by the rule above."""
    if isinstance(message.content, str):
        return 0
    return sum(_image(part.get("image_url")) for part in message.content if part.get("type") != "text")


def _image(said: object) -> int:
    return PER_SMALL_IMAGE if isinstance(said, dict) and said.get("detail") == "low" else PER_IMAGE


def prompt_tokens(model: str, call: Call) -> int:
    """Tokens of the messages and of what is sent beside them: tools and the schema of the answer."""
    return count_messages(model, call.messages) + _beside(call, CHARACTERS_PER_TOKEN)


def rough_tokens(call: Call) -> int:
    """The same at four characters a token, whatever the model: costs next to nothing."""
    return prompt_tokens("", call)


def most_tokens(call: Call) -> int:
    """No vocabulary makes more of it: a token is at least one byte. (Four bytes are the longest character.)"""
    words = sum(
        4 * (len(message.text) + sum(len(tool.name + tool.arguments) for tool in message.tool_calls))
        + image_tokens(message)
        + PER_MESSAGE
        for message in call.messages
    )
    return words + _beside(call, 1)


def reserved_tokens(model: str, call: Call) -> int:
    """The most that a provider can count for this prompt: to reserve money, never to be shown.

    Without the model's vocabulary each byte is a token: four characters are one in English prose, but Chinese, tables
    and odd punctuation have up to one for each byte, and what a person types can be all of that.
    """
    count = count_tokens if is_exact(model) else _bytes
    words = sum(
        sum(count(model, said) for said in _said(message)) + _most_of_images(message) + MOST_PER_MESSAGE
        for message in call.messages
    )
    return words + _beside(call, 1) + MOST_AROUND + (MOST_AROUND_TOOLS if call.tools or call.schema else 0)


def _said(message: Message) -> list[str]:
    called = [word for tool in message.tool_calls for word in (tool.id, tool.name, tool.arguments)]
    return [message.text, *called, message.tool_call_id or ""]


def _bytes(model: str, text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _most_of_images(message: Message) -> int:
    if isinstance(message.content, str):
        return 0
    return MOST_PER_IMAGE * sum(part.get("type") != "text" for part in message.content)


def _beside(call: Call, characters: int) -> int:
    return sum(ceil(len(orjson.dumps(part)) / characters) for part in (call.tools, call.schema) if part)


def is_exact(model: str) -> bool:
    """Whether the model's own vocabulary is known."""
    return bool(_vocabulary(model))


def _vocabulary(model: str) -> str:
    name = model.rpartition("/")[2].lower().removeprefix("ft:")
    return next((vocabulary for start, vocabulary in VOCABULARIES if name.startswith(start)), "")


@cache
def _load(name: str) -> Vocabulary:
    from rs_bpe.bpe import openai

    vocabulary: Vocabulary = getattr(openai, name)()
    return vocabulary
