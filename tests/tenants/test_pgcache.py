"""The cache on PostgreSQL (csuite/tenants/pgcache.py)."""

import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction

from csuite.tenants import pgcache
from csuite.tenants.models import Counter
from csuite.tenants.tasks import drop_old_counters
from tests.database import ops, with_database

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("value", [0, -3, 2**40, True, None, "text", 1.5, [1, "a"], {"a": [None]}])
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    cache.set("k", value)
    got = cache.get("k", "missing")
    assert got == value
    assert type(got) is type(value)


def test_what_json_does_not_know_is_refused() -> None:
    with pytest.raises(TypeError):
        cache.set("k", object())


def test_what_is_not_there_is_the_default() -> None:
    assert cache.get("nothing", 7) == 7
    assert cache.get_many(["nothing"]) == {}
    assert not cache.delete("nothing")
    assert not cache.touch("nothing")


def test_add_takes_a_free_or_ended_key_only() -> None:
    assert cache.add("k", 1)
    assert not cache.add("k", 2)
    assert cache.get("k") == 1
    cache.set("k", 3, timeout=-1)
    assert cache.get("k") is None
    assert cache.add("k", 4)
    assert cache.get("k") == 4


def test_an_entry_without_end_stays() -> None:
    cache.set("k", 1, timeout=None)
    assert not cache.add("k", 2, timeout=None)
    assert Counter.objects.get().expires_at is None


def test_incr_and_decr_count() -> None:
    cache.set("k", 5)
    assert cache.incr("k") == 6
    assert cache.decr("k", 2) == 4


def test_incr_refuses_what_is_missing_ended_or_no_number() -> None:
    cache.set("ended", 1, timeout=-1)
    cache.set("text", "a")
    for key in ("missing", "ended", "text"):
        with pytest.raises(ValueError):
            cache.incr(key)


def test_touch_moves_the_end_and_delete_ends_at_once() -> None:
    cache.set("k", 1, timeout=10)
    before = Counter.objects.get().expires_at
    assert cache.touch("k", 1000)
    after = Counter.objects.get().expires_at
    assert before is not None
    assert after is not None
    assert after > before
    assert cache.delete("k")
    assert cache.get("k") is None


def test_ended_entries_are_dropped_and_living_ones_kept() -> None:
    cache.set("old", 1, timeout=-1)
    cache.set("new", 1)
    assert drop_old_counters() == 1
    assert cache.get("new") == 1


def test_a_count_outlives_the_rollback_of_the_request() -> None:
    with transaction.atomic():
        cache.add("k", 0)
        cache.incr("k")
        transaction.set_rollback(True)
    assert cache.get("k") == 1


def test_a_count_works_inside_a_broken_transaction() -> None:
    with transaction.atomic():
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT nonsense")
        cache.set("k", 1)
        assert cache.get("k") == 1
        transaction.set_rollback(True)


def test_no_row_stays_locked_while_a_transaction_is_open() -> None:
    cache.set("k", 0)
    with transaction.atomic():
        cache.incr("k")
        # From another connection: it would wait for ever (the statement would be cancelled) if the row were locked.
        with psycopg.connect(with_database(os.environ["CSUITE_TEST_OPS_URL"], name()), autocommit=True) as other:
            other.execute("SET lock_timeout = '2s'")
            other.execute("UPDATE counter SET number = number + 1")
    assert cache.get("k") == 2


def test_threads_lose_no_count() -> None:
    cache.set("k", 0)
    with ThreadPoolExecutor(16) as threads:
        counts = list(threads.map(lambda _: cache.incr("k"), range(200)))
    assert sorted(counts) == list(range(1, 201))


def _count_in_a_process(queue: Any) -> None:
    queue.put([cache.incr("k") for _ in range(25)])


def test_forked_processes_lose_no_count_and_leave_the_parents_connections_alone() -> None:
    cache.set("k", 0)
    fork = multiprocessing.get_context("fork")
    queue = fork.SimpleQueue()
    processes = [fork.Process(target=_count_in_a_process, args=(queue,)) for _ in range(4)]
    for process in processes:
        process.start()
    counts = [count for _ in processes for count in queue.get()]
    for process in processes:
        process.join()
    assert sorted(counts) == list(range(1, 101))
    assert cache.get("k") == 100


def test_a_connection_that_died_is_replaced() -> None:
    cache.set("k", 1)
    with ops() as server:
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND query LIKE %s",
            [name(), "%INSERT INTO counter%"],
        )
    assert cache.get("k") == 1


def test_a_failed_statement_is_told_and_costs_one_connection() -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        pgcache.side.run(lambda c: c.execute("SELECT * FROM nothing_there"))
    assert cache.get("k") is None


def test_long_keys_are_refused_before_the_database() -> None:
    with pytest.warns(Warning, match="250"), pytest.raises(psycopg.DataError):
        cache.set("k" * 300, 1)


def name() -> str:
    return str(connection.settings_dict["NAME"])
