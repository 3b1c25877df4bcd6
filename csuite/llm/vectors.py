"""Embeddings: texts to vectors, reserved, booked and kept from a failing provider like every call.

Asked again they may be, but of the same model only: vectors of two models cannot be compared.
"""

import base64
import struct
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import orjson

from csuite.llm import conf
from csuite.llm.asking import reserve
from csuite.llm.attempt import Trial, to_the_end
from csuite.llm.call import Call, Message
from csuite.llm.chain import Chain
from csuite.llm.dialects.openai import post
from csuite.llm.dialects.reader import Reader
from csuite.llm.errors import LLMError, Malformed, NotConnected
from csuite.llm.events import Vectors
from csuite.llm.hold import Hold
from csuite.llm.http import pieces
from csuite.llm.registry import ANALYST, Route


async def embed(
    texts: Sequence[str], *, labels: Mapping[str, str], hold: Hold | None = None, provider: str | None = None
) -> Vectors:
    """One vector for each text. provider: else the first usable one that has an embedding model. Raises LLMError."""
    call = Call(task="embed", messages=tuple(Message("user", text) for text in texts), labels=labels)
    chosen = await _route(call, provider)
    held = hold or await reserve([replace(call, route=f"{chosen.provider.name}/{chosen.model}")])
    try:
        return await _embed(Chain(call, held, [chosen]))
    finally:
        if hold is None:
            await to_the_end(held.close())


async def _route(call: Call, provider: str | None) -> Route:
    routes: tuple[Route, ...] = await conf.seam("REGISTRY").routes(call, provider)
    if routes[0].provider.name == ANALYST:
        raise NotConnected("models are switched off, and the analyst makes no vectors")
    return routes[0]


async def _embed(chain: Chain) -> Vectors:
    while True:
        trial = await chain.next(streamed=False)
        try:
            async with trial:
                found = await _asked(trial)
        except LLMError as error:
            await chain.failed(trial, error)
            continue
        return _booked(trial, found)


async def _asked(trial: Trial) -> tuple[tuple[float, ...], ...]:
    call, chosen = trial.call, trial.route
    request = {"model": chosen.model, "input": [message.text for message in call.messages]}
    asked = post(call, chosen, "/embeddings", orjson.dumps(request), streamed=False)
    reader = VectorReader(chosen.provider, trial.said)
    async with aclosing(pieces(asked, reader)) as none:
        async for _ in none:  # there is no text
            pass
    if len(reader.vectors) != len(call.messages):
        raise Malformed("not one vector for each text", provider=chosen.provider.name, model=chosen.model)
    return reader.vectors


def _booked(trial: Trial, found: tuple[tuple[float, ...], ...]) -> Vectors:
    row = trial.row
    assert row is not None
    return Vectors(
        vectors=found,
        usage=row.usage,
        cost=row.cost,
        currency=row.currency,
        provider=row.provider,
        model=row.model,
        total_ms=row.total_ms or 0,
        estimated=row.usage.estimated,
    )


class VectorReader(Reader):
    """Reads an answer of /embeddings."""

    vectors: tuple[tuple[float, ...], ...] = ()

    def _read_reply(self, reply: Any) -> str:
        rows = sorted(reply["data"], key=lambda row: row.get("index", 0))
        self.vectors = tuple(_vector(row["embedding"]) for row in rows)
        self._count(reply)
        if self.said.usage.prompt is not None:
            self.said.usage = replace(self.said.usage, completion=self.said.usage.completion or 0)
        self.said.finish_reason = "stop"
        self.said.whole = True
        return ""


def _vector(value: Any) -> tuple[float, ...]:
    """Numbers, or the same as 32-bit floats in base64, which some send unasked."""
    if not isinstance(value, str):
        return tuple(float(number) for number in value)
    raw = base64.b64decode(value, validate=True)
    return struct.unpack(f"<{len(raw) // 4}f", raw)
