"""Who this work is for: the tenant scope, and the platform scope that looks across tenants.

Both are a transaction with a setting that lives and dies with it; row-level security reads the setting
(see rls.py). A session-level SET would leak to the next user of a pooled connection.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from django.db import connection, transaction
from prometheus_client import Counter

if TYPE_CHECKING:
    from csuite.tenants.models import User

log = structlog.get_logger(__name__)
platform_looks = Counter("csuite_platform_scope_total", "Looks across tenants, by reason", ["reason"])


class ScopeError(RuntimeError):
    """A query outside a scope, or a scope inside another tenant's. A bug, never a user's fault."""


@dataclass(frozen=True, slots=True)
class Scope:
    tenant: UUID | None
    platform: bool = False


_current: ContextVar[Scope | None] = ContextVar("csuite_scope", default=None)


def current_scope() -> Scope | None:
    return _current.get()


def current_tenant_id() -> UUID:
    """The tenant of the scope we are in. Raises ScopeError outside one."""
    scope = _current.get()
    if scope is None or scope.tenant is None:
        raise ScopeError("no tenant scope is open")
    return scope.tenant


def forget_scope() -> None:
    """For a context that was copied to another thread: a scope belongs to the connection it was opened on."""
    _current.set(None)


def _configure(scope: Scope | None) -> None:
    """Tells row-level security who the rest of this transaction is for."""
    tenant = "" if scope is None or scope.tenant is None else str(scope.tenant)
    platform = "on" if scope is not None and scope.platform else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.tenant', %s, true), set_config('app.platform', %s, true)", [tenant, platform]
        )


@contextmanager
def _scope(scope: Scope) -> Iterator[None]:
    outer = _current.get()
    token = _current.set(scope)
    try:
        with transaction.atomic():
            _configure(scope)
            yield
        # A released savepoint keeps the inner value (a rolled back one does not): restore it for who is around us.
        if connection.in_atomic_block and not connection.needs_rollback:
            _configure(outer)
    finally:
        _current.reset(token)


@contextmanager
def tenant_scope(tenant_id: UUID) -> Iterator[None]:
    """One transaction in which only this tenant's rows exist. Sync only; never inside an async generator.

    Joins an open scope of the same tenant; inside the platform's it narrows the sight to this tenant. Raises
    ScopeError inside another tenant's.
    """
    outer = _current.get()
    # What runs on commit still stands in the scope, whose transaction is over: it needs one of its own.
    if outer is not None and outer.tenant == tenant_id and connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    if outer is not None and outer.tenant not in (None, tenant_id):
        raise ScopeError("a tenant scope cannot open inside another tenant's")
    with _scope(Scope(tenant_id)):
        yield


@contextmanager
def platform_scope(reason: str, user: "User | None" = None) -> Iterator[None]:
    """One transaction that sees every tenant's rows.

    A person's look writes a row of the platform audit, before the transaction so that an error in it does not take
    the row away; the platform's own is logged and counted.
    """
    outer = _current.get()
    if outer is not None and outer.tenant is not None:
        raise ScopeError("a platform scope cannot open inside a tenant's")
    platform_looks.labels(reason if user is None else "person").inc()
    if user is None:
        log.debug("platform_scope", reason=reason)
    else:
        from csuite.tenants.models import PlatformAudit

        PlatformAudit.objects.create(user=user, action="platform_scope", detail={"reason": reason})
    with _scope(Scope(None, platform=True)):
        yield
