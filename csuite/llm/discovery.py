"""Who will answer: looks for a model server on this machine, and says it in one sentence."""

import asyncio
import time
from dataclasses import dataclass

import httpx

from csuite.llm import conf

# The usual ports on loopback. Ollama, LM Studio, llama.cpp and vLLM all speak OpenAI's dialect under /v1.
USUAL = (
    ("Ollama", "http://127.0.0.1:11434/v1"),
    ("LM Studio", "http://127.0.0.1:1234/v1"),
    ("llama.cpp", "http://127.0.0.1:8080/v1"),
    ("vLLM", "http://127.0.0.1:8001/v1"),
)
CONNECT, ANSWER = 0.3, 1.0  # seconds: a server on this machine answers at once or is not there
FOUND_FOR, MISSED_FOR = 60.0, 20.0  # seconds a result is trusted
NO_KEY = (
    "no key found: the built-in analyst answers; set FIREWORKS_API_KEY (or GROQ_, OPENAI_, ANTHROPIC_, "
    "OPENROUTER_, MISTRAL_, COHERE_API_KEY), or start Ollama"
)
NOBODY = "no key found and no analyst named: nobody answers; set FIREWORKS_API_KEY or start Ollama"


@dataclass(frozen=True, slots=True)
class Server:
    """A model server on this machine."""

    title: str
    base_url: str
    model: str  # "" where it named none


@dataclass(frozen=True, slots=True)
class Answering:
    """Which model will answer; str() is the sentence for the start-up banner."""

    provider: str
    model: str
    sentence: str

    def __str__(self) -> str:
        return self.sentence


_seen: dict[str, tuple[float, Server | None]] = {}


async def local_server(base_url: str = "") -> Server | None:
    """The server at `base_url`, else the first that answers at the usual ports; remembered for a while.

    A server that is named is taken as there even if it does not answer now: its error then says so.
    """
    if not base_url and not conf.value("DISCOVER"):
        return None
    until, server = _seen.get(base_url, (0.0, None))
    if time.monotonic() >= until:
        server = await _look(base_url)
        _seen[base_url] = (time.monotonic() + (FOUND_FOR if server else MISSED_FOR), server)
    return server


def forget() -> None:
    """Look again at the next call."""
    _seen.clear()


async def _look(base_url: str) -> Server | None:
    places = (("the local server", base_url),) if base_url else USUAL
    timeout = httpx.Timeout(ANSWER, connect=CONNECT)
    async with httpx.AsyncClient(trust_env=False, timeout=timeout, verify=base_url.startswith("https")) as client:
        found = await asyncio.gather(*(_ask(client, title, place) for title, place in places))
    first = next((server for server in found if server), None)
    return first or (Server("the local server", base_url, "") if base_url else None)


async def _ask(client: httpx.AsyncClient, title: str, base_url: str) -> Server | None:
    try:
        reply = await client.get(f"{base_url}/models")
        rows = reply.json()["data"] if reply.status_code == httpx.codes.OK else None
        models = [str(row["id"]) for row in rows] if rows is not None else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):
        return None
    return None if models is None else Server(title, base_url, models[0] if models else "")


def answering() -> Answering:
    """Which model answers a question now. For a start-up banner: asks the ports, so it takes up to a second."""
    return asyncio.run(who_answers())


async def who_answers() -> Answering:
    """The same for async callers."""
    from csuite.llm.call import Call
    from csuite.llm.errors import LLMError

    try:
        first = (await conf.seam("REGISTRY").routes(Call(), None))[0]
    except LLMError:
        return Answering("", "", NOBODY)
    name, model = first.provider.name, first.model
    if name != "analyst":
        where = f" at {first.base_url}" if name == "local" else ""
        return Answering(name, model, f"{model or 'a model'} answers, by {first.provider.title}{where}")
    if not conf.value("ENABLED"):
        return Answering(name, model, "LLM_ENABLED is false: the built-in analyst answers")
    if conf.value("PRIMARY") == "analyst":
        return Answering(name, model, "LLM_PRIMARY_PROVIDER is analyst: the built-in analyst answers")
    return Answering(name, model, NO_KEY)
