"""The stream log's connection: stores a batch of frames and tells the other processes, in one prepared statement.

Driven at libpq's level: psycopg's async cursor costs three times the CPU per statement, and this one runs up to a
hundred times a second in every web process. One statement is under way at a time.
"""

import asyncio
import contextlib
from typing import Any

import psycopg
from psycopg import pq

from csuite.conversations import notices
from csuite.tenants.db import platform_connection

NAME = b"csuite_store_frames"
STORE = """
WITH stored AS (
  INSERT INTO conversations_frame (tenant_id, turn_id, seq, payload)
  SELECT tenant, turn, seq, payload
  FROM json_to_recordset($1::json) AS f(tenant uuid, turn uuid, seq int, payload text)
  ON CONFLICT DO NOTHING -- the commit may have been lost on its way back, and we try again
)
SELECT pg_notify($3, told) FROM json_array_elements_text($2::json) AS told
"""
READY = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)


class FrameStore:
    """Connects by itself, when first used and after `close`."""

    def __init__(self) -> None:
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[None] | None = None
        self._failure: psycopg.Error | None = None
        self._socket = -1

    async def store(self, frames: bytes, told: bytes) -> None:
        """`frames` is a JSON array of {tenant, turn, seq, payload}, `told` one of notices.

        Raises psycopg.DataError for a row that cannot be stored (then none is), psycopg.OperationalError or OSError
        when the connection is lost.
        """
        pgconn = await self._ready()
        self._answer, self._failure = self._loop.create_future(), None
        try:
            pgconn.send_query_prepared(NAME, [frames, told, notices.CHANNEL.encode()])
            while pgconn.flush():  # noqa: ASYNC110  the socket's buffer is full: rare, and short
                await asyncio.sleep(0.001)
            await self._answer
        finally:
            self._answer = None

    async def _ready(self) -> pq.abc.PGconn:
        if self._connection is None or self._connection.closed:
            await self.close()
            connection = await platform_connection("stream log")
            # A crashed database may lose the last 0.2 s of what was shown; a crashed process loses nothing.
            await connection.execute("SET synchronous_commit = off")
            connection.pgconn.prepare(NAME, STORE.encode())
            connection.pgconn.nonblocking = 1
            self._connection = connection
            self._socket = connection.pgconn.socket
            self._loop.add_reader(self._socket, self._on_readable)
        return self._connection.pgconn

    def _on_readable(self) -> None:
        assert self._connection is not None
        pgconn = self._connection.pgconn
        try:
            pgconn.consume_input()
            while not pgconn.is_busy():
                result = pgconn.get_result()
                if result is None:
                    self._end()
                    return
                if result.status not in READY:
                    self._failure = psycopg.errors.error_from_result(result)
        except psycopg.Error as error:
            self._loop.remove_reader(self._socket)
            self._failure = error
            self._end()

    def _end(self) -> None:
        answer = self._answer
        if answer is not None and not answer.done():
            if self._failure is None:
                answer.set_result(None)
            else:
                answer.set_exception(self._failure)

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._loop.remove_reader(self._socket)
            with contextlib.suppress(psycopg.Error, OSError):
                await connection.close()
