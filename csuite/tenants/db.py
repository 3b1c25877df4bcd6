"""The only way from async code to the database.

Channels' and asgiref's own adapters put every socket on one thread: twenty calls of 0.1 s take 2 s. Here each call
is one sync function in one transaction, on a thread pool as large as the connection pool.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from contextvars import copy_context
from functools import cache, partial
from typing import TypeVar
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import connections, transaction

from csuite.tenants.scope import forget_scope, platform_looks, platform_scope, tenant_scope

R = TypeVar("R")


@cache
def _executor() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(settings.DATABASE_POOL_SIZE, thread_name_prefix="db")


def _run(fn: Callable[[], R], tenant: UUID | None, platform: str | None) -> R:
    forget_scope()  # the caller's is open on another connection
    scope: AbstractContextManager[None]
    if tenant is not None:
        scope = tenant_scope(tenant)
    elif platform is not None:
        scope = platform_scope(platform)
    else:
        scope = transaction.atomic()
    try:
        with scope:
            return fn()
    finally:
        # Gives the connection back to the pool; a cancelled caller cannot leave it half used on our thread.
        connections.close_all()


async def in_db(
    fn: Callable[..., R],
    *args: object,
    tenant: UUID | None = None,
    platform: str | None = None,
    **kwargs: object,
) -> R:
    """Runs `fn(*args, **kwargs)` in one transaction on a database thread and returns its result.

    `tenant` opens that tenant's scope, `platform` (a reason) the platform's; with neither, only global tables can
    be read. Exceptions of `fn` roll back and reach the caller.
    """
    work = partial(copy_context().run, _run, partial(fn, *args, **kwargs), tenant, platform)
    return await asyncio.get_running_loop().run_in_executor(_executor(), work)


async def in_thread(fn: Callable[..., R], *args: object) -> R:
    """Runs sync work that opens its own scopes and waits for others in between (mail, webhooks) on another thread.

    Its connection goes back to the pool afterwards: a thread of the loop would keep it until it ends.
    """
    return await asyncio.to_thread(_closing, partial(fn, *args))


def _closing(fn: Callable[[], R]) -> R:
    forget_scope()
    try:
        return fn()
    finally:
        connections.close_all()


async def platform_connection(reason: str) -> psycopg.AsyncConnection[tuple[object, ...]]:
    """A connection of its own, outside the pool, that sees every tenant's rows for as long as it lives.

    For the stream log's writer and the listener, which span tenants all the time; nobody else. The caller closes it.
    """
    platform_looks.labels(reason).inc()
    return await psycopg.AsyncConnection.connect(
        settings.DATABASE_LISTEN_URL, autocommit=True, options="-c app.platform=on", connect_timeout=5
    )
