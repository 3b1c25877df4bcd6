"""Building rollups from the ledger, a week at a time and newest first, so that it may be ended and gone on with.

What the ledger no longer holds (retention drops old rows) is left as it was summed.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import structlog
from django.db import connection
from django.utils import timezone

from csuite.analytics.rollups import ROLLUPS
from csuite.analytics.rollups.filling import Due, day_of, fill, fill_due, lock_all, oldest_hour
from csuite.analytics.rollups.measures import DAY, HOUR, MONTH, Cell
from csuite.analytics.rollups.state import DueHour, FillState
from csuite.analytics.rollups.statements import from_below, from_source
from csuite.tenants.scope import platform_scope

log = structlog.get_logger(__name__)

CHUNK = 7  # days: most of the time of a single day goes into its transaction


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
    drop_old_hours()
    FillState.objects.update(filled_at=timezone.now())
    return built, hours


def drop_old_hours() -> None:
    """Hours of days that ended more than HOURS_KEPT ago; company by company, through the index."""
    with platform_scope("drop old hours"), connection.cursor() as cursor:
        for rollup in ROLLUPS:
            table = rollup._meta.db_table
            cursor.execute(
                f"DELETE FROM {table} WHERE id = ANY(ARRAY(SELECT s.id FROM tenants_tenant t CROSS JOIN LATERAL"
                f" (SELECT id FROM {table} r WHERE r.tenant_id = t.id AND r.span = %s AND r.at < %s OFFSET 0) s))",
                [HOUR, oldest_hour()],
            )


def forget() -> None:
    """The next run builds everything anew. Pages go on showing what is there.

    Marks that are seen now are of rows that the build will read; without them those hours are not summed twice.
    """
    FillState.objects.all().delete()
    with platform_scope("build rollups"):
        DueHour.objects.all().delete()


def definition(rollup: type[Cell]) -> str:
    """Changes when a rollup would sum differently."""
    spans = [from_source(rollup, HOUR), from_below(rollup, DAY), from_below(rollup, MONTH)]
    return hashlib.sha256("".join(spans).encode()).hexdigest()


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
    """Days built that have rows, at most about `most`. CHUNK days are one transaction, and their state goes with it."""
    done = 0
    for rollup in rollups:
        state = _state(rollup)
        while (last := _last_day(rollup, state.built_back_to or date.max)) is not None:
            if most is not None and done >= most:
                return done
            days = CHUNK if most is None else min(CHUNK, most - done)
            first = last - timedelta(days=days - 1)
            with platform_scope("build rollups"):
                lock_all()
                done += _build_days(rollup, first, last)
                state.built_back_to = first
                state.save()
        state.complete = True
        state.save()
        log.info("rollup_built", rollup=state.name)
    return done


def _build_days(rollup: type[Cell], first: date, last: date) -> int:
    """Sums the hours that have rows, and empties those that were summed and have none any more. Returns the days."""
    source = rollup.source
    begin, end = (datetime.combine(day, time(), UTC) for day in (first, last + timedelta(days=1)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT t.id, date_trunc('hour', s.at, 'UTC') FROM tenants_tenant t CROSS JOIN LATERAL ("
            f" SELECT {source.time} AS at FROM {source.table} s WHERE s.tenant_id = t.id"
            f" AND s.{source.time} >= %(begin)s AND s.{source.time} < %(end)s UNION ALL"
            f" SELECT r.at FROM {rollup._meta.db_table} r WHERE r.tenant_id = t.id AND r.span IN ('hour', 'day')"
            f" AND r.at >= %(begin)s AND r.at < %(end)s OFFSET 0) s",
            {"begin": begin, "end": end},
        )
        due: list[Due] = cursor.fetchall()
    fill(due, [rollup])
    return len({day_of(hour) for _, hour in due})


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
