"""settings.LLM["STATE"] in PostgreSQL: each provider's circuit, one row that every process sees at once.

Every decision is one statement on the cache's autocommit connections (csuite/tenants/pgcache.py), never within the
request's transaction: a rollback must not forget a failure, and nobody may queue behind a row while a model speaks.
Time is the database's clock alone. The table is unlogged: a failure costs no wait for the disk, and after a crash of
the database every circuit is closed, which six calls put right.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import uuid4

from csuite.llm.state import Circuit, Failure
from csuite.providers.looking import Look
from csuite.tenants.pgcache import side

_NOW = "clock_timestamp()"
_CIRCUITS = f"""
    SELECT provider, kind, mark, greatest(0, extract(epoch FROM open_until - {_NOW}))::float8,
           coalesce(lease_until > {_NOW}, false)
    FROM circuit WHERE open_until IS NOT NULL
"""  # noqa: S608 - a name of ours
_PROBE = f"""
    UPDATE circuit SET token = %(token)s, lease_until = {_NOW} + make_interval(secs => %(lease)s)
    WHERE provider = %(provider)s AND open_until <= {_NOW} AND (lease_until IS NULL OR lease_until <= {_NOW})
    RETURNING token
"""  # noqa: S608
# deed: what this failure does to the row. `decision` marks the row, so that the answer tells who opened it.
_FAILED = f"""
    INSERT INTO circuit AS c (provider, failures, kind, mark, open_until, decision)
    SELECT %(provider)s,
           CASE WHEN opens THEN '{{}}'::timestamptz[] ELSE ARRAY[{_NOW}] END,
           CASE WHEN opens THEN %(kind)s ELSE '' END,
           CASE WHEN opens THEN %(mark)s ELSE '' END,
           CASE WHEN opens THEN {_NOW} + make_interval(secs => %(seconds)s) END,
           CASE WHEN opens THEN %(decision)s ELSE '' END
    FROM (SELECT %(at_once)s OR 1 > %(most)s AS opens) AS first
    ON CONFLICT (provider) DO UPDATE SET (failures, kind, mark, open_until, token, lease_until, decision) = (
        SELECT CASE WHEN deed = 'count' THEN recent ELSE '{{}}'::timestamptz[] END,
               CASE WHEN deed = 'open' THEN %(kind)s ELSE c.kind END,
               CASE WHEN deed = 'open' THEN %(mark)s ELSE c.mark END,
               CASE WHEN deed = 'open' THEN {_NOW} + make_interval(secs => %(seconds)s) ELSE c.open_until END,
               CASE WHEN deed = 'open' THEN '' ELSE c.token END,
               CASE WHEN deed = 'open' THEN NULL ELSE c.lease_until END,
               CASE WHEN deed = 'open' THEN %(decision)s ELSE c.decision END
        FROM (
            SELECT recent, CASE
                WHEN c.open_until IS NOT NULL THEN CASE WHEN c.token = %(token)s THEN 'open' ELSE 'stay' END
                WHEN %(at_once)s OR cardinality(recent) > %(most)s THEN 'open'
                ELSE 'count' END AS deed
            FROM (
                SELECT array(
                    SELECT at FROM unnest(c.failures) AS at WHERE at > {_NOW} - make_interval(secs => %(within)s)
                ) || {_NOW} AS recent
            ) AS counted
        ) AS decided
    )
    RETURNING decision = %(decision)s
"""  # noqa: S608
_CLOSED = """
    WITH was AS (
        SELECT provider, open_until IS NOT NULL AS open FROM circuit
        WHERE provider = %(provider)s AND (%(token)s::text IS NULL OR token = %(token)s) FOR UPDATE
    )
    DELETE FROM circuit USING was WHERE circuit.provider = was.provider RETURNING was.open
"""
_RELEASED = "UPDATE circuit SET token = '', lease_until = NULL WHERE provider = %(provider)s AND token = %(token)s"


class PostgresState:
    """All processes of one database."""

    def __init__(self) -> None:
        self._look = Look(self._read)

    async def circuits(self) -> Mapping[str, Circuit]:
        return await self._look()

    async def _read(self) -> Mapping[str, Circuit]:
        return {name: Circuit(*values) for name, *values in await _run(_CIRCUITS)}

    async def probe(self, provider: str, lease: float) -> str | None:
        rows = await _run(_PROBE, provider=provider, lease=lease, token=uuid4().hex)
        return rows[0][0] if rows else None

    async def failed(self, provider: str, failure: Failure, token: str | None) -> bool:
        values = asdict(failure) | {"provider": provider, "token": token or None, "decision": uuid4().hex}
        return bool((await _run(_FAILED, **values))[0][0])

    async def closed(self, provider: str, token: str | None) -> bool:
        rows = await _run(_CLOSED, provider=provider, token=token)
        return bool(rows and rows[0][0])

    async def released(self, provider: str, token: str) -> None:
        await _run(_RELEASED, provider=provider, token=token)


async def _run(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    def work(connection: Any) -> list[tuple[Any, ...]]:
        cursor = connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []

    return await asyncio.to_thread(side.run, work)
