"""The connection pool of a web process (csuite/tenants/postgres), with a pool of its own on the test's database."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connections
from psycopg_pool import ConnectionPool

from csuite.tenants.postgres import base
from csuite.tenants.postgres.base import DatabaseWrapper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pooled(transactional_db: None) -> Iterator[DatabaseWrapper]:
    """A Django connection that borrows from a pool of one; the test's own has none."""
    settings = connections["default"].settings_dict
    options = {**settings["OPTIONS"], "pool": {"min_size": 1, "max_size": 1, "timeout": 10}}
    wrapper = DatabaseWrapper({**settings, "OPTIONS": options}, "default")
    yield wrapper
    wrapper.close()
    wrapper.close_pool()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one with each round trip that only asks whether the connection lives."""
    found: list[int] = []
    real = ConnectionPool.check_connection

    def check(connection: Any) -> None:
        found.append(1)
        real(connection)

    monkeypatch.setattr(ConnectionPool, "check_connection", staticmethod(check))
    return found


def backend(wrapper: DatabaseWrapper) -> int:
    """The process that serves a checkout."""
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        found = int(cursor.fetchone()[0])
    wrapper.close()
    return found


def kill(process: int) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process])


def test_a_connection_in_use_is_not_asked_whether_it_lives(pooled: DatabaseWrapper, asked: list[int]) -> None:
    first = backend(pooled)
    asked.clear()
    assert [backend(pooled) for _ in range(5)] == [first] * 5
    assert asked == []


def test_a_rested_one_is(pooled: DatabaseWrapper, asked: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    first = backend(pooled)
    monkeypatch.setattr(base, "RESTED", -1.0)
    asked.clear()
    assert backend(pooled) == first
    assert asked == [1]


def test_a_server_that_went_away_is_noticed_before_anybody_is_told(pooled: DatabaseWrapper) -> None:
    first = backend(pooled)
    kill(first)
    assert backend(pooled) != first


def test_one_that_dies_in_use_is_given_to_nobody_again(pooled: DatabaseWrapper) -> None:
    with pooled.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        first = int(cursor.fetchone()[0])
        kill(first)
        with pytest.raises(OperationalError):
            cursor.execute("SELECT 1")
    pooled.close()
    assert backend(pooled) != first
