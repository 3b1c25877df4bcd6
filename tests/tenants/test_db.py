"""The way from async code to the database (csuite/tenants/db.py)."""

import asyncio
import threading
import uuid

import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from csuite.tenants.db import in_db, in_thread, platform_connection
from csuite.tenants.models import AuditEntry, Tenant
from csuite.tenants.scope import ScopeError, current_scope, current_tenant_id, tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db(transaction=True)


async def test_calls_run_side_by_side() -> None:
    """Eight calls wait for each other at a barrier inside the database threads: in a row they never would meet."""
    barrier = threading.Barrier(8)

    def meet() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return barrier.wait(timeout=30)

    met = await asyncio.gather(*(in_db(meet) for _ in range(8)))
    assert sorted(met) == list(range(8))


async def test_twenty_calls_need_no_more_connections_than_the_pool_has() -> None:
    most = 0
    running = 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal most, running
        with lock:
            running += 1
            most = max(most, running)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.01)")
        with lock:
            running -= 1

    await asyncio.gather(*(in_db(work) for _ in range(64)))
    assert 1 < most <= settings.DATABASE_POOL_SIZE


async def test_a_call_sees_the_tenant_it_names(cast: Cast) -> None:
    def write() -> uuid.UUID:
        AuditEntry.objects.create(action="a")
        return current_tenant_id()

    assert await in_db(write, tenant=cast.acme.id) == cast.acme.id
    assert await in_db(AuditEntry.objects.__class__.count, AuditEntry.objects, tenant=cast.rival.id) == 0


async def test_the_platform_is_named_with_its_reason(cast: Cast) -> None:
    await in_db(lambda: AuditEntry.objects.create(action="a"), tenant=cast.acme.id)
    assert await in_db(lambda: AuditEntry.objects.count(), platform="test") == 1


async def test_without_a_scope_only_global_tables_are_read(cast: Cast) -> None:
    assert await in_db(Tenant.objects.filter(slug="acme").count) == 1
    with pytest.raises(ScopeError):
        await in_db(lambda: AuditEntry.objects.count())


async def test_an_error_rolls_back_and_reaches_the_caller() -> None:
    def fail() -> None:
        Tenant.objects.create(name="New", slug="new")
        raise LookupError("as it was")

    with pytest.raises(LookupError, match="as it was"):
        await in_db(fail)
    assert await in_db(Tenant.objects.filter(slug="new").count) == 0


async def test_a_call_is_one_transaction() -> None:
    assert await in_db(lambda: connection.in_atomic_block)


def test_the_callers_scope_stays_with_its_own_connection(cast: Cast) -> None:
    """A scope copied to another thread would claim a tenant that its connection was never told."""
    with tenant_scope(cast.acme.id):
        assert asyncio.run(in_db(current_scope)) is None
        assert asyncio.run(in_db(current_tenant_id, tenant=cast.rival.id)) == cast.rival.id
        assert current_tenant_id() == cast.acme.id


async def test_a_cancelled_call_finishes_and_gives_its_connection_back(cast: Cast) -> None:
    """The thread cannot be stopped; nobody else may get its connection half used."""
    begun, go = threading.Event(), threading.Event()

    def slow() -> None:
        AuditEntry.objects.create(action="slow")
        begun.set()
        go.wait(30)

    task = asyncio.create_task(in_db(slow, tenant=cast.acme.id))
    await asyncio.to_thread(begun.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go.set()
    while not await in_db(lambda: AuditEntry.objects.exists(), tenant=cast.acme.id):
        await asyncio.sleep(0.01)

    def scope_of_connection() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('app.tenant', true)")
            return str(cursor.fetchone()[0] or "")

    assert set(await asyncio.gather(*(in_db(scope_of_connection) for _ in range(20)))) == {""}


async def test_a_connection_of_the_platform_sees_all_and_is_its_own(cast: Cast) -> None:
    await in_db(lambda: AuditEntry.objects.create(action="a"), tenant=cast.acme.id)
    other = await platform_connection("test")
    try:
        cursor = await other.execute(f'SELECT count(*) FROM "{AuditEntry._meta.db_table}"')
        assert await cursor.fetchone() == (1,)
        assert other.autocommit
    finally:
        await other.close()


def test_arguments_are_passed_on() -> None:
    def add(a: int, *, b: int) -> int:
        assert transaction.get_connection().in_atomic_block
        return a + b

    assert asyncio.run(in_db(add, 1, b=2)) == 3


async def test_work_on_a_thread_of_its_own_leaves_no_connection_open(cast: Cast) -> None:
    def look(tenant: uuid.UUID) -> object:
        with tenant_scope(tenant):
            assert AuditEntry.objects.count() == 0
        return connections["default"]

    used = await in_thread(look, cast.acme.id)
    assert used.connection is None  # type: ignore[attr-defined]
