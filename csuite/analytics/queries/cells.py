"""The cells that a query reads, with money in the currency that is shown."""

from collections.abc import Container, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from csuite.analytics.queries.asking import Ask
from csuite.analytics.rollups import Cell
from csuite.analytics.rollups.measures import DAY, MONTH

PERIOD = {"": "NULL::timestamptz", "hour": "r.at", **{n: f"date_trunc('{n}', r.at, 'UTC')" for n in ("day", "month")}}
_TIME = "r.span = %s AND r.at >= %s AND r.at < %s"
# The rate of the cell's own day, so that a figure does not change when a later rate is entered. Of two with one day
# the later entered holds. All days are laid out once: looking each cell's rate up took longer than reading the cells.
_RATE = (
    "LEFT JOIN (SELECT source, rate, generate_series(greatest(valid_from, %s::date), least(valid_until, %s::date) - 1,"
    " interval '1 day')::date AS day FROM (SELECT source, rate, valid_from, coalesce(lead(valid_from) OVER ("
    "PARTITION BY source ORDER BY valid_from, id), 'infinity') AS valid_until FROM exchange_rate WHERE target = %s) e"
    " WHERE valid_until > valid_from) x ON x.source = r.currency AND x.day = (r.at AT TIME ZONE 'UTC')::date"
)


def cells(rollup: type[Cell], ask: Ask, main: str) -> tuple[str, list[Any]]:
    """A subquery with all columns of the rollup, `period`, `shown` (the currency) and `money`, and its parameters.

    Cells of calls without a price belong to the main currency: they have no cost of their own.
    """
    condition, chosen = where(ask)
    table, period = rollup._meta.db_table, PERIOD[ask.granularity]
    if not ask.display:
        return (
            f"SELECT r.*, {period} AS period, coalesce(nullif(r.currency, ''), %s) AS shown, r.cost AS money"
            f" FROM {table} r WHERE {condition}",
            [main, *chosen],
        )
    days = [ask.since.date(), (ask.until + timedelta(days=1)).date()]
    return (
        f"SELECT r.*, {period} AS period, CASE WHEN r.currency = '' THEN %s WHEN x.rate IS NULL THEN r.currency"
        f" ELSE %s END AS shown, r.cost * coalesce(x.rate, 1) AS money FROM {table} r {_RATE} WHERE {condition}",
        [main, ask.display, *days, ask.display, *chosen],
    )


def where(ask: Ask) -> tuple[str, list[Any]]:
    """The condition of the cells `r` that answer, and its parameters."""
    stretches = _stretches(ask)
    condition = f"r.tenant_id = ANY(%s) AND ({' OR '.join([f'({_TIME})'] * len(stretches))})"
    return condition, [list(ask.tenants), *(value for stretch in stretches for value in stretch)]


def _stretches(ask: Ask) -> list[tuple[str, datetime, datetime]]:
    """(span, since, until): whole months answer as such where no finer period is asked for, days around them.

    Money that is converted goes by days in months in which a rate moved. Of a month that is asked for to its last day
    so far nothing is left out.
    """
    first, last = _month_from(ask.since), ask.until.replace(day=1)
    if ask.until > timezone.now():
        last = _month_from(ask.until)
    if ask.granularity not in ("", "month") or ask.span != DAY or first >= last:
        return [(ask.span, ask.since, ask.until)]
    parts = [(DAY, ask.since, first), *_months(first, last, ask.moved), (DAY, last, ask.until)]
    return [part for part in parts if part[1] < part[2]]


def _months(first: datetime, last: datetime, moved: Container[datetime]) -> Iterator[tuple[str, datetime, datetime]]:
    """As long as they are of one kind they are one stretch."""
    begun, span = first, MONTH
    month = first
    while month < last:
        if (now := DAY if month in moved else MONTH) != span:
            yield span, begun, month
            begun, span = month, now
        month = _month_from(month + timedelta(days=1))
    yield span, begun, last


def _month_from(moment: datetime) -> datetime:
    """The first month that begins at it or after it."""
    begun = moment.replace(day=1)
    return begun if begun == moment else (begun + timedelta(days=32)).replace(day=1)


def convertible(ask: Ask) -> Ask:
    """The same without a currency to convert to, if no rate leads there; else with the months in which one moved."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT date_trunc('month', valid_from::timestamp) AT TIME ZONE 'UTC',"
            " extract(day FROM valid_from) > 1 FROM exchange_rate WHERE target = %s",
            [ask.display],
        )
        found = cursor.fetchall()
    return replace(ask, display=ask.display if found else "", moved=frozenset(at for at, within in found if within))


def main_currency(rollup: type[Cell], ask: Ask, otherwise: str) -> str:
    """The currency that most calls are shown in; `otherwise` if there are none."""
    source, parameters = cells(rollup, ask, "")
    most = "sum(calls)" if "calls" in rollup.measures else "count(*)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT shown FROM ({source}) c WHERE shown <> '' GROUP BY 1 ORDER BY {most} DESC, 1 LIMIT 1", parameters
        )
        found = cursor.fetchone()
    return str(found[0]) if found else otherwise
