"""`python -m bench.reader <way> <base url> <streams> <tokens>`: CPU of reading alone, as JSON {"cpu_us": per token}.

Ways: `aiohttp` and `httpx` are csuite.llm's reader over its two transports, `whole` is a metered call of csuite.llm
with nothing behind the meter.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import aclosing

import uvloop

from csuite import llm
from csuite.llm import conf
from csuite.llm.call import Call, Message
from csuite.llm.dialects import Said
from csuite.llm.dialects.openai import OpenAI
from csuite.llm.events import Delta
from csuite.llm.providers import Provider
from csuite.llm.registry import Route

MODEL = "bench"
CALL = Call(messages=(Message("user", "hello"),), route=f"bench/{MODEL}")


async def read(url: str) -> AsyncIterator[str]:
    route = Route(Provider("bench", key_wanted=False), MODEL, url)
    async with aclosing(OpenAI().run(CALL, route, Said(), streamed=True)) as texts:
        async for text in texts:
            yield text


async def call(url: str) -> AsyncIterator[str]:
    async with aclosing(llm.stream(CALL)) as events:
        async for event in events:
            if isinstance(event, Delta):
                yield event.text


async def measure(way: str, url: str, streams: int) -> tuple[float, int]:
    ask = call if way == "whole" else read

    async def one() -> int:
        return len([text async for text in ask(url)])

    await one()  # imports, the pool
    began = time.process_time()
    tokens = sum(await asyncio.gather(*(one() for _ in range(streams))))
    return time.process_time() - began, tokens


def main(way: str, url: str, streams: int) -> None:
    rows = {"bench": {"base_url": url, "key_wanted": False, "model": MODEL, "free": True}}
    with conf.override(TRANSPORT="httpx" if way == "httpx" else "aiohttp", PROVIDERS=rows):
        seconds, tokens = uvloop.run(measure(way, url, streams))
    print(json.dumps({"cpu_us": round(seconds / tokens * 1e6, 1), "tokens": tokens}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
