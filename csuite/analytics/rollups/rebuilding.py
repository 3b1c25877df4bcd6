"""Building rollups from the ledger, a day at a time and newest first, so that it may be ended and gone on with.

What the ledger no longer holds (retention drops old rows) is left as it was summed.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time

import structlog
from django.db import connection
from django.utils import timezone

from csuite.analytics.rollups import ROLLUPS
from csuite.analytics.rollups.filling import Due, fill, fill_due, lock_all
from csuite.analytics.rollups.measures import Cell
from csuite.analytics.rollups.state import DueHour, FillState
from csuite.analytics.rollups.statements import fill_days, fill_hours
from csuite.tenants.scope import platform_scope

log = structlog.get_logger(__name__)


def run(*, days: int | None = None) -> tuple[int, int]:
    """Builds what is not built yet (at most `days` days of it), then fills what is due. Returns (days, hours)."""
    built = build([rollup for rollup in ROLLUPS if not _is_built(rollup)], most=days)
    hours = 0
    while True:
        with platform_scope("fill rollups"):
            filled = fill_due()
        hours += filled
        if not filled:
            break
    FillState.objects.update(filled_at=timezone.now())
    return built, hours


def forget() -> None:
    """The next run builds everything anew. Pages go on showing what is there.

    Marks that are seen now are of rows that the build will read; without them those hours are not summed twice.
    """
    FillState.objects.all().delete()
    with platform_scope("build rollups"):
        DueHour.objects.all().delete()


def definition(rollup: type[Cell]) -> str:
    """Changes when a rollup would sum differently."""
    return hashlib.sha256(f"{fill_hours(rollup)}{fill_days(rollup)}".encode()).hexdigest()


def _is_built(rollup: type[Cell]) -> bool:
    state = _state(rollup)
    if not state.complete and state.built_back_to is None:
        state.complete = _last_day(rollup, date.max) is None  # nothing to build from
        state.save()
    return state.complete


def _state(rollup: type[Cell]) -> FillState:
    name, now = rollup._meta.db_table, definition(rollup)
    state, _ = FillState.objects.get_or_create(name=name, defaults={"definition": now})
    if state.definition != now:
        state.definition, state.built_back_to, state.complete = now, None, False
    return state


def build(rollups: Sequence[type[Cell]], most: int | None = None) -> int:
    """Days built. Each is one transaction, and its marks go with it."""
    done = 0
    for rollup in rollups:
        state = _state(rollup)
        for day in _days(rollup, state.built_back_to):
            if most is not None and done >= most:
                return done
            with platform_scope("build rollups"):
                lock_all()
                _build_day(rollup, day)
                state.built_back_to = day
                state.save()
            done += 1
        state.complete = True
        state.save()
        log.info("rollup_built", rollup=state.name)
    return done


def _build_day(rollup: type[Cell], day: date) -> None:
    """Sums the hours that have rows, and empties those that were summed and have none any more."""
    start = datetime.combine(day, time(), UTC)
    source = rollup.source
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT t.id, date_trunc('hour', s.at, 'UTC') FROM tenants_tenant t CROSS JOIN LATERAL ("
            f" SELECT {source.time} AS at FROM {source.table} s WHERE s.tenant_id = t.id AND s.{source.time} >= %(day)s"
            f" AND s.{source.time} < %(day)s + interval '24 hours' UNION ALL"
            f" SELECT r.at FROM {rollup._meta.db_table} r WHERE r.tenant_id = t.id AND r.at >= %(day)s"
            f" AND r.at < %(day)s + interval '24 hours' AND r.span IN ('hour', 'day') OFFSET 0) s",
            {"day": start},
        )
        due: list[Due] = cursor.fetchall()
    fill(due, [rollup])


def _days(rollup: type[Cell], built_back_to: date | None) -> Iterator[date]:
    """The days that have rows, from the last one before `built_back_to` back to the first."""
    day = _last_day(rollup, built_back_to or date.max)
    while day is not None:
        yield day
        day = _last_day(rollup, day)


def _last_day(rollup: type[Cell], before: date) -> date | None:
    """The last day before that one with rows of the source; each tenant's is found through its index."""
    source = rollup.source
    with platform_scope("build rollups"), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT max((SELECT {source.time} FROM {source.table} s WHERE s.tenant_id = t.id"
            f" AND s.{source.time} < %s ORDER BY {source.time} DESC LIMIT 1)) FROM tenants_tenant t",
            [datetime.combine(before, time(), UTC)],
        )
        (last,) = cursor.fetchone()
    return last.astimezone(UTC).date() if last else None
