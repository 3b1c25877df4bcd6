"""`python -m bench.peer <way> <base url> <model>`: another client, used as its guide says; takes orders (orders.py).

Runs in the environment of bench/peers.txt, where csuite is not installed. Ways: openai, litellm, anthropic.
"""

import os
import sys
from importlib import import_module
from typing import Any

from bench.orders import MESSAGES, Ask, serve, tokens_in

MAX_TOKENS = 2048


def openai(url: str, model: str) -> Ask:
    """The `openai` client."""
    client = import_module("openai").AsyncOpenAI(base_url=url, api_key="bench", max_retries=0)

    async def ask(streamed: bool) -> int:
        asked: dict[str, Any] = {"model": model, "messages": _messages(), "max_completion_tokens": MAX_TOKENS}
        if not streamed:
            return _whole(await client.chat.completions.create(**asked))
        usage = {"include_usage": True}
        return await _streamed(await client.chat.completions.create(**asked, stream=True, stream_options=usage))

    return ask


def litellm(url: str, model: str) -> Ask:
    """LiteLLM as a library."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    library: Any = import_module("litellm")
    library.telemetry = False
    library.suppress_debug_info = True

    async def ask(streamed: bool) -> int:
        asked: dict[str, Any] = {"model": f"openai/{model}", "messages": _messages(), "max_tokens": MAX_TOKENS}
        asked |= {"api_base": url, "api_key": "bench", "num_retries": 0}
        if not streamed:
            return _whole(await library.acompletion(**asked))
        usage = {"include_usage": True}
        return await _streamed(await library.acompletion(**asked, stream=True, stream_options=usage))

    return ask


def anthropic(url: str, model: str) -> Ask:
    """The `anthropic` client."""
    client = import_module("anthropic").AsyncAnthropic(base_url=url.removesuffix("/v1"), api_key="bench", max_retries=0)
    (_, system), (_, question) = MESSAGES

    async def ask(streamed: bool) -> int:
        asked: dict[str, Any] = {"model": model, "system": system, "max_tokens": MAX_TOKENS}
        asked["messages"] = [{"role": "user", "content": question}]
        if not streamed:
            return tokens_in((await client.messages.create(**asked)).content[0].text)
        tokens = 0
        async with client.messages.stream(**asked) as stream:
            async for event in stream:
                if event.type == "content_block_delta":
                    tokens += tokens_in(event.delta.text)
        return tokens

    return ask


def _messages() -> list[dict[str, str]]:
    return [{"role": role, "content": text} for role, text in MESSAGES]


def _whole(reply: Any) -> int:
    return tokens_in(reply.choices[0].message.content)


async def _streamed(stream: Any) -> int:
    tokens = 0
    async for chunk in stream:
        if chunk.choices:
            tokens += tokens_in(chunk.choices[0].delta.content)
    return tokens


if __name__ == "__main__":
    serve({"openai": openai, "litellm": litellm, "anthropic": anthropic}[sys.argv[1]](sys.argv[2], sys.argv[3]))
