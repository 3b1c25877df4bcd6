"""Filling the rollups. Idempotent: a due hour is emptied and summed again, whatever was there. Its day and month get
the difference (`refill`), or are summed again, too, where they may not be the sum of their hours (`fill`).

Three ways in: `freshen` for a page, in its tenant's scope and with its tenant's hours only; `fill_due` for beat, over
all tenants; `rebuild` day by day from the ledger. They keep out of each other's way by advisory locks: fillers share
the first lock, which a rebuild takes alone, and each tenant has one filler at a time.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from csuite.analytics.rollups import ROLLUPS
from csuite.analytics.rollups.adding import add
from csuite.analytics.rollups.hashing import by_hash
from csuite.analytics.rollups.measures import DAY, HOUR, MONTH, Cell
from csuite.analytics.rollups.state import DueHour
from csuite.analytics.rollups.statements import empty, from_below, from_source
from csuite.tenants.scope import current_tenant_id

HOURS_KEPT = timedelta(days=100)  # days and months are kept for good
ON_DEMAND = 48  # due hours that a page fills itself; beat does more
AT_ONCE = 500  # due hours in one transaction of beat

_REBUILD, _TENANT = 7_368_001, 7_368_002  # lock numbers of ours

Due = tuple[UUID, datetime]  # a tenant and the first moment of an hour


def day_of(moment: datetime) -> datetime:
    return datetime.combine(moment.astimezone(UTC).date(), time(), UTC)


def oldest_hour(now: datetime | None = None) -> datetime:
    """From here on hours are kept."""
    return day_of((now or timezone.now()) - HOURS_KEPT)


def fill(due: Collection[Due], rollups: Sequence[type[Cell]] = ROLLUPS) -> None:
    """Sums these hours, their days and months again. In a transaction that may write them, with the locks taken.

    A day whose hours are not kept comes straight from the source.
    """
    horizon = oldest_hour()
    hours = {(tenant, hour) for tenant, hour in due if hour >= horizon}
    days = {(tenant, day_of(hour)) for tenant, hour in due}
    recent = {(tenant, day) for tenant, day in days if day >= horizon}
    months = {(tenant, day.replace(day=1)) for tenant, day in days}
    with by_hash():
        _sum(rollups, hours, days, recent, months)


def refill(due: Collection[Due]) -> None:
    """The same for hours of rollups that are there: costs what those hours cost, however large their months are."""
    horizon = oldest_hour()
    hours = {(tenant, hour) for tenant, hour in due if hour >= horizon}
    with by_hash():
        for rollup in ROLLUPS:
            _run(add(rollup), hours)
    fill(set(due) - hours)


def _sum(rollups: Sequence[type[Cell]], hours: set[Due], days: set[Due], recent: set[Due], months: set[Due]) -> None:
    for rollup in rollups:
        for span, cells in ((HOUR, hours), (DAY, days), (MONTH, months)):
            _run(empty(rollup, span), cells)
        _run(from_source(rollup, HOUR), hours)
        _run(from_below(rollup, DAY), recent)
        _run(from_source(rollup, DAY), days - recent)
        _run(from_below(rollup, MONTH), months)


def _run(statement: str, cells: Collection[Due]) -> None:
    if not cells:
        return
    parameters: dict[str, Any] = {"tenants": [tenant for tenant, _ in cells], "times": [at for _, at in cells]}
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def freshen() -> None:
    """In a tenant's scope: fills its due hours now, so that a page shows the last call.

    Does nothing while somebody else fills them, nor when there are many: what is shown is then a minute old.
    """
    tenant = current_tenant_id()
    waiting = DueHour.objects.order_by().values_list("hour", flat=True).distinct()[: ON_DEMAND + 1]
    if not 0 < len(waiting) <= ON_DEMAND or not _try_locks(tenant):
        return
    refill(_take((tenant, hour) for hour in waiting))


def fill_due(most: int = AT_ONCE) -> int:
    """In the platform's scope: fills up to `most` due hours, newest first. Returns how many."""
    rows = DueHour.objects.order_by("-hour").values_list("tenant_id", "hour").distinct()[:most]
    due = [(tenant, hour) for tenant, hour in rows]
    if due:
        _lock({tenant for tenant, _ in due})
        refill(_take(due))
    return len(due)


def _take(due: Iterable[Due]) -> set[Due]:
    """Takes the marks of these hours that are committed now. Rows committed later have marks of their own."""
    wanted = list(due)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM rollup_due m USING unnest(%s::uuid[], %s::timestamptz[]) AS d (tenant_id, hour)"
            " WHERE m.tenant_id = d.tenant_id AND m.hour = d.hour RETURNING m.tenant_id, m.hour",
            [[tenant for tenant, _ in wanted], [hour for _, hour in wanted]],
        )
        return set(cursor.fetchall())


def _try_locks(tenant: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock_shared(%s, 0)", [_REBUILD])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [_TENANT, str(tenant)])
        return bool(cursor.fetchone()[0])


def _lock(tenants: Collection[UUID]) -> None:
    """Waits for each; in one order, so that two fillers never wait for each other in a circle."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, 0)", [_REBUILD])
        for tenant in sorted(tenants):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_TENANT, str(tenant)])


def lock_all() -> None:
    """For a rebuild: no other filler until the transaction ends. A crash of the database may forget what can be
    built again, the state with it, so nobody waits for the disk."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_REBUILD])
