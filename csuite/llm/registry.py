"""The registry seam: which providers and models answer a call, in their order. settings.LLM["REGISTRY"] names it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from csuite.llm import conf, discovery
from csuite.llm.call import Call
from csuite.llm.errors import NoSuchModel, NotConnected
from csuite.llm.providers import ORDER, Provider, table

ANALYST = "analyst"
Rows = Mapping[str, Provider]


@dataclass(frozen=True, slots=True)
class Route:
    """One way to an answer: a provider and a model of it, with what is sent along.

    window: the tokens that the model holds, prompt and answer together; None where nobody said. step_down: a smaller
    model than the call's tier asks for.
    """

    provider: Provider
    model: str
    base_url: str = ""
    max_tokens: int = 2048
    temperature: float = 0.7
    tier: str = ""
    window: int | None = None
    step_down: bool = False


class Registry(Protocol):
    """What csuite.llm needs of a registry. Built once, without arguments; used from any event loop."""

    async def routes(self, call: Call, wanted: str | None) -> tuple[Route, ...]:
        """The chain for this call, best first. `wanted` pins it: "analyst", "groq" or "groq/model".

        Raises errors.NotConnected if nobody can answer.
        """


class EnvRegistry:
    """From settings and the environment: the primary, the fallback, and the analyst where one is named.

    Without a primary: the first provider with a key, else a local server, else the analyst alone.
    """

    async def routes(self, call: Call, wanted: str | None) -> tuple[Route, ...]:
        rows = table()
        analyst = [route(rows[ANALYST], call)] if ANALYST in rows else []
        if wanted == ANALYST or not conf.value("ENABLED"):
            chain = analyst
        elif wanted:
            chain = [_pinned(rows, call, wanted)]
        else:
            chain = [*await self._configured(rows, call), *analyst]
        if not chain:
            raise NotConnected("no provider is configured")
        return tuple(chain)

    async def _configured(self, rows: Rows, call: Call) -> list[Route]:
        names = [name for name in (conf.value("PRIMARY"), conf.value("FALLBACK")) if name]
        if ANALYST in names[:1]:
            return []
        if not conf.value("PRIMARY"):
            first = next((name for name in ORDER if name in rows and rows[name].usable()), None)
            names = [*([first] if first else ["local"]), *names]
        chain: list[Route] = []
        for name in dict.fromkeys(names):
            if name == "local":
                chain += await _local(rows, call)
            elif name != ANALYST:
                chain.append(route(_row(rows, name), call))
        return chain


def route(row: Provider, call: Call, model: str = "", base_url: str = "") -> Route:
    """A row and what the environment and the call say about it."""
    tokens = call.max_tokens or _whole(row.setting("MAX_TOKENS")) or row.max_tokens or int(conf.value("MAX_TOKENS"))
    asked = call.temperature if call.temperature is not None else _number(row.setting("TEMPERATURE"))
    fixed = row.temperature if row.temperature is not None else float(conf.value("TEMPERATURE"))
    return Route(
        provider=row,
        model=model or row.setting("MODEL") or row.model,
        base_url=base_url or row.address(),
        max_tokens=tokens,
        temperature=fixed if asked is None else asked,
        tier=call.tier,
    )


def _row(rows: Rows, name: str) -> Provider:
    if name not in rows:
        raise NoSuchModel(f"no such provider: {name}", provider=name)
    return rows[name]


def _pinned(rows: Rows, call: Call, wanted: str) -> Route:
    name, _, model = wanted.partition("/")
    return route(_row(rows, name), call, model)


async def _local(rows: Rows, call: Call) -> list[Route]:
    """A local server: the one that is named, else the one that is found at the usual ports."""
    row = rows["local"]
    server = await discovery.local_server(row.address())
    return [route(row, call, row.setting("MODEL") or row.model or server.model, server.base_url)] if server else []


def _whole(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def _number(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
