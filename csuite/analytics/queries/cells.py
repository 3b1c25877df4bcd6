"""The cells that a query reads, with money in the currency that is shown."""

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
# The rate of the cell's own day, so that a figure does not change when a later rate is entered.
_RATE = (
    "LEFT JOIN LATERAL (SELECT rate FROM exchange_rate e WHERE e.source = r.currency AND e.target = %s"
    " AND e.valid_from <= (r.at AT TIME ZONE 'UTC')::date ORDER BY e.valid_from DESC, e.id DESC LIMIT 1) x ON true"
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
    return (
        f"SELECT r.*, {period} AS period, CASE WHEN r.currency = '' THEN %s WHEN x.rate IS NULL THEN r.currency"
        f" ELSE %s END AS shown, r.cost * coalesce(x.rate, 1) AS money FROM {table} r {_RATE} WHERE {condition}",
        [main, ask.display, ask.display, *chosen],
    )


def where(ask: Ask) -> tuple[str, list[Any]]:
    """The condition of the cells `r` that answer, and its parameters."""
    stretches = _stretches(ask)
    condition = f"r.tenant_id = ANY(%s) AND ({' OR '.join([f'({_TIME})'] * len(stretches))})"
    return condition, [list(ask.tenants), *(value for stretch in stretches for value in stretch)]


def _stretches(ask: Ask) -> list[tuple[str, datetime, datetime]]:
    """(span, since, until): whole months answer as such where no finer period is asked for, days around them.

    Money that is converted goes by days: each has its rate. Of a month that is asked for to its last day so far
    nothing is left out.
    """
    first, last = _month_from(ask.since), ask.until.replace(day=1)
    if ask.until > timezone.now():
        last = _month_from(ask.until)
    if ask.granularity not in ("", "month") or ask.span != DAY or ask.display or first >= last:
        return [(ask.span, ask.since, ask.until)]
    parts = [(DAY, ask.since, first), (MONTH, first, last), (DAY, last, ask.until)]
    return [part for part in parts if part[1] < part[2]]


def _month_from(moment: datetime) -> datetime:
    """The first month that begins at it or after it."""
    begun = moment.replace(day=1)
    return begun if begun == moment else (begun + timedelta(days=32)).replace(day=1)


def convertible(ask: Ask) -> Ask:
    """The same without a currency to convert to, if no rate leads there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM exchange_rate WHERE target = %s)", [ask.display])
        (found,) = cursor.fetchone()
    return ask if found else replace(ask, display="")


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
