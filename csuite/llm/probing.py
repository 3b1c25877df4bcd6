"""Does a provider answer? One cheap GET of its list of models, with its key, at the address that calls go to."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from time import monotonic

import httpx
import orjson

from csuite.llm.addresses import BadAddress, checked
from csuite.llm.errors import LLMError
from csuite.llm.http import AUTHORIZATION, FOREIGN, translate
from csuite.llm.providers import Provider
from csuite.llm.transports import transport

PATIENCE = 10.0  # seconds for the whole answer
NOT_PROBED = frozenset({"analyst", "scripted"})
# Of the answer only its status matters: a provider without such a list (404) or busy with others (429) is there.
FAULTS: Mapping[int, str] = {401: "authentication", 403: "permission"}
SERVER_ERROR = 500
LONGEST_LIST = 1 << 20  # bytes of a list of models that are read


@dataclass(frozen=True, slots=True)
class Probe:
    """error: a kind of error, "" if the provider answered. models: the names in its list, where they were asked for."""

    provider: str
    error: str
    latency_ms: int
    models: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.error


def can_be_probed(row: Provider) -> bool:
    """Whether there is an address and, where one is wanted, a key."""
    try:
        return row.name not in NOT_PROBED and bool(row.address()) and row.usable()
    except LLMError:
        return True  # its key cannot be read, which the probe says


async def probe_all(rows: Iterable[Provider]) -> list[Probe]:
    """All of them at once."""
    return list(await asyncio.gather(*(probe(row) for row in rows)))


async def probe(row: Provider, *, listing: bool = False) -> Probe:
    """Never raises for what a provider does. listing: reads the names of its models, too."""
    begun, models = monotonic(), list[str]()
    try:
        async with asyncio.timeout(PATIENCE):
            error = await _ask(row, models if listing else None)
    except LLMError as failed:
        error = failed.kind
    except FOREIGN as failed:
        error = "timeout" if isinstance(failed, TimeoutError) else translate(failed, begun=False).kind
    return Probe(row.name, error, round((monotonic() - begun) * 1000), tuple(models))


async def _ask(row: Provider, models: list[str] | None) -> str:
    url = f"{row.address()}/models"
    if row.guarded:
        try:
            checked(url)
        except BadAddress:
            return "connection"
    http = await transport(guarded=row.guarded)
    response = await http.handle_async_request(_request(row, url))
    try:
        if models is not None and response.status_code == httpx.codes.OK:
            models += await _names(response)
    finally:
        await response.aclose()
    if response.status_code >= SERVER_ERROR:
        return "server_error"
    return FAULTS.get(response.status_code, "")


async def _names(response: httpx.Response) -> list[str]:
    """None where the body is no list as OpenAI and Anthropic give it, or longer than any."""
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > LONGEST_LIST:
            return []
    try:
        return [str(row["id"])[:200] for row in orjson.loads(body)["data"]]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return []


def _request(row: Provider, url: str) -> httpx.Request:
    headers = {"accept": "application/json", **row.headers}
    key = row.key()
    if key is not None:
        secret = key.reveal()
        headers[row.key_header] = f"Bearer {secret}" if row.key_header == AUTHORIZATION else secret
    waits = {"connect": row.connect, "pool": PATIENCE, "read": PATIENCE, "write": PATIENCE}
    return httpx.Request("GET", url, headers=headers, extensions={"timeout": waits})
