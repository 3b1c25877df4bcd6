"""settings.LLM["STATE"] in Redis, where REDIS_URL names one: the same decisions as in PostgreSQL, each one script.

All circuits are fields of one hash, so that a look at them is one command. Time is the server's clock.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property
from typing import Any
from uuid import uuid4

import orjson
import redis
from django.conf import settings

from csuite.llm.state import Circuit, Failure
from csuite.providers.looking import Look

KEY = "csuite:circuits"
PATIENCE = 0.5  # seconds for one command; after that each process goes by its own circuits
_BEGIN = """
    local clock = redis.call('TIME')
    local now = clock[1] + clock[2] / 1000000
    local stored = ARGV[1] ~= '' and redis.call('HGET', KEYS[1], ARGV[1])
    local row = stored and cjson.decode(stored) or {failures = {}, token = ''}
    local function keep() redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(row)) end
"""
_CIRCUITS = f"""{_BEGIN}
    return {{tostring(now), redis.call('HGETALL', KEYS[1])}}
"""
_PROBE = f"""{_BEGIN}
    if not row.open_until or row.open_until > now or (row.lease_until or 0) > now then return 0 end
    row.token, row.lease_until = ARGV[2], now + tonumber(ARGV[3])
    keep()
    return 1
"""
_FAILED = f"""{_BEGIN}
    local failure, token, opens = cjson.decode(ARGV[2]), ARGV[3], false
    if row.open_until then
        opens = token ~= '' and token == row.token
    else
        local recent = {{}}
        for _, at in ipairs(row.failures) do
            if at > now - failure.within then recent[#recent + 1] = at end
        end
        recent[#recent + 1] = now
        row.failures = recent
        opens = failure.at_once or #recent > failure.most
    end
    if opens then
        row = {{failures = {{}}, token = '', kind = failure.kind, mark = failure.mark}}
        row.open_until = now + failure.seconds
    end
    keep()
    return opens and 1 or 0
"""
_CLOSED = f"""{_BEGIN}
    if not stored or (ARGV[2] ~= '' and ARGV[2] ~= row.token) then return 0 end
    redis.call('HDEL', KEYS[1], ARGV[1])
    return row.open_until and 1 or 0
"""
_RELEASED = f"""{_BEGIN}
    if stored and row.token == ARGV[2] then
        row.token, row.lease_until = '', nil
        keep()
    end
    return 0
"""


class RedisState:
    """All processes of one Redis."""

    def __init__(self, url: str = "") -> None:
        self.url: str = url or settings.REDIS_URL or ""
        self._look = Look(self._read)

    @cached_property
    def _redis(self) -> "redis.Redis[bytes]":
        return redis.Redis.from_url(self.url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)

    async def circuits(self) -> Mapping[str, Circuit]:
        return await self._look()

    async def _read(self) -> Mapping[str, Circuit]:
        now, fields = await self._run(_CIRCUITS, "")
        found = {}
        for name, stored in zip(fields[::2], fields[1::2], strict=True):
            row = orjson.loads(stored)
            if row.get("open_until"):
                left = max(0.0, row["open_until"] - float(now))
                found[name.decode()] = Circuit(row["kind"], row["mark"], left, row.get("lease_until", 0) > float(now))
        return found

    async def probe(self, provider: str, lease: float) -> str | None:
        token = uuid4().hex
        return token if await self._run(_PROBE, provider, token, lease) else None

    async def failed(self, provider: str, failure: Failure, token: str | None) -> bool:
        return bool(await self._run(_FAILED, provider, orjson.dumps(asdict(failure)), token or ""))

    async def closed(self, provider: str, token: str | None) -> bool:
        return bool(await self._run(_CLOSED, provider, token or ""))

    async def released(self, provider: str, token: str) -> None:
        await self._run(_RELEASED, provider, token)

    async def _run(self, script: str, *arguments: Any) -> Any:
        return await asyncio.to_thread(self._redis.register_script(script), [KEY], arguments)
