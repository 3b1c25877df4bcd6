"""Django's cache on one PostgreSQL table: counters and small values that every process sees at once.

Every operation is one statement on an autocommit connection of the cache's own, never on the request's. A counter
inside the request's transaction would be forgotten when that rolls back (a refused try must count), would keep its
row locked while a view runs (everybody of the tenant would queue behind it), and could not be written at all after a
failed statement. It must not borrow from Django's pool either: threads that each hold one connection and wait for a
second would starve each other. Values are JSON, never pickle: who can write the table must not run code here.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

import orjson
import psycopg
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connections

R = TypeVar("R")
Connection = psycopg.Connection[tuple[Any, ...]]

_LIVE = "(expires_at IS NULL OR expires_at > clock_timestamp())"
_END = "clock_timestamp() + make_interval(secs => %(seconds)s)"
_GET = f"SELECT key, number, value FROM counter WHERE key = ANY(%(keys)s) AND {_LIVE}"  # noqa: S608
_PUT = """
    INSERT INTO counter (key, number, value, expires_at)
    VALUES (%(key)s, %(number)s, %(value)s, clock_timestamp() + make_interval(secs => %(seconds)s))
    ON CONFLICT (key) DO UPDATE SET number = excluded.number, value = excluded.value, expires_at = excluded.expires_at
"""
_ADD = f"{_PUT} WHERE counter.expires_at <= clock_timestamp() RETURNING key"
_INCR = f"UPDATE counter SET number = number + %(delta)s WHERE key = %(key)s AND {_LIVE} RETURNING number"  # noqa: S608
_TOUCH = f"UPDATE counter SET expires_at = {_END} WHERE key = %(key)s AND {_LIVE} RETURNING key"  # noqa: S608
# One counter of several: counted only if the one before was, and is not above what is allowed.
_STEP = """
    s{place} AS (
        INSERT INTO counter (key, number, expires_at)
        SELECT %(key{place})s, 1, clock_timestamp() + make_interval(secs => %(seconds{place})s) {condition}
        ON CONFLICT (key) DO UPDATE SET
            number = CASE WHEN counter.expires_at > clock_timestamp() THEN counter.number + 1 ELSE 1 END,
            expires_at = CASE WHEN counter.expires_at > clock_timestamp() THEN counter.expires_at
                              ELSE excluded.expires_at END
        RETURNING number
    )"""
_DELETE = f"DELETE FROM counter WHERE key = %(key)s RETURNING {_LIVE}"  # noqa: S608


@cache
def _steps(count: int) -> str:
    """Adds one to each of so many counters in turn. Who crashes loses 0.2 s of counting, and nobody waits for disk."""
    first, *others = range(count)
    steps = [_STEP.format(place=first, condition="")]
    steps += [_STEP.format(place=n, condition=f"FROM s{n - 1} WHERE number <= %(most{n - 1})s") for n in others]
    numbers = ", ".join(f"(SELECT number FROM s{n})" for n in range(count))  # noqa: S608 - counts only
    return f"WITH {','.join(steps)} SELECT {numbers}, set_config('synchronous_commit', 'off', true)"


class JsonValues:
    """What a cache stores: whole numbers as they are, everything else as JSON. Django's Redis cache takes it as
    its `serializer` option."""

    def dumps(self, value: Any) -> int | bytes:
        """Raises TypeError for what JSON does not know."""
        return value if type(value) is int else orjson.dumps(value)

    def loads(self, data: int | bytes | str) -> Any:
        return data if isinstance(data, int) else orjson.loads(data)


class _Side:
    """Up to `size` autocommit connections of this process, made when first needed and kept for the next caller."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._reset()

    def _reset(self) -> None:
        self._pid = os.getpid()
        self._idle: list[Connection] = []
        self._slots = threading.BoundedSemaphore(self.size)
        self.used = False  # since a test last emptied the table

    def run(self, work: Callable[[Connection], R]) -> R:
        """Runs one statement; one more time if a kept connection turns out to be dead (the server restarted)."""
        if self._pid != os.getpid():  # a forked worker must not talk on its parent's sockets
            self._reset()
        self.used = True
        with self._slots:
            while self._idle:
                try:
                    with self._kept(self._idle.pop()) as connection:
                        return work(connection)
                except psycopg.OperationalError:
                    continue
            with self._kept(self._connect()) as connection:
                return work(connection)

    @contextmanager
    def _kept(self, connection: Connection) -> Iterator[Connection]:
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)

    def _connect(self) -> Connection:
        params = connections["default"].get_connection_params() | {"cursor_factory": psycopg.Cursor}
        params.setdefault("connect_timeout", 5)
        return psycopg.connect(autocommit=True, **params)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()


side = _Side(size=4)


class PostgresCache(BaseCache):
    """Entries without end (timeout None) and versions work as in any Django cache; keys have 250 characters at most."""

    values = JsonValues()

    def __init__(self, table: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def _run(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        def work(connection: Connection) -> list[tuple[Any, ...]]:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

        return side.run(work)

    def _row(self, key: str, value: Any, timeout: float | None, version: int | None) -> dict[str, Any]:
        stored = self.values.dumps(value)
        number, blob = (stored, None) if isinstance(stored, int) else (None, stored)
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return {
            "key": self.make_and_validate_key(key, version),
            "number": number,
            "value": blob,
            "seconds": seconds,
        }

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self.get_many([key], version).get(key, default)

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        asked = {self.make_and_validate_key(key, version): key for key in keys}
        rows = self._run(_GET, keys=list(asked))
        return {asked[k]: number if value is None else self.values.loads(value) for k, number, value in rows}

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._run(_PUT, **self._row(key, value, timeout, version))

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._run(_ADD, **self._row(key, value, timeout, version)))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Raises ValueError when there is no such live number."""
        rows = self._run(_INCR, key=self.make_and_validate_key(key, version), delta=delta)
        if not rows or rows[0][0] is None:
            raise ValueError(f"no number is kept under {key!r}")
        return int(rows[0][0])

    def count_in_turn(self, steps: Sequence[tuple[str, int, int]]) -> list[int]:
        """Adds one to each of (key, most, seconds) until one is above its most: the numbers so far, in one statement.

        A counter begins at one and lives for its seconds. Locks are taken in the order of the steps.
        """
        values: dict[str, Any] = {}
        for n, (key, most, seconds) in enumerate(steps):
            values |= {f"key{n}": self.make_and_validate_key(key), f"most{n}": most, f"seconds{n}": seconds}
        *numbers, _ = self._run(_steps(len(steps)), **values)[0]
        return [int(number) for number in numbers if number is not None]

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        row = self._row(key, 0, timeout, version)
        return bool(self._run(_TOUCH, key=row["key"], seconds=row["seconds"]))

    def delete(self, key: str, version: int | None = None) -> bool:
        rows = self._run(_DELETE, key=self.make_and_validate_key(key, version))
        return bool(rows and rows[0][0])

    def clear(self) -> None:
        self._run("DELETE FROM counter")

    def drop_expired(self) -> int:
        """How many entries had ended and are gone now."""
        return len(self._run(f"DELETE FROM counter WHERE NOT {_LIVE} RETURNING 1"))  # noqa: S608

    def close(self, **kwargs: Any) -> None:
        """Called at the end of every request; the connections stay for the next one."""
