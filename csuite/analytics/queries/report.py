"""Answers queries from rollups: rows by period and group, their totals, and where the next page begins."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from csuite.analytics.queries.asking import Ask, bad, cursor_of, within
from csuite.analytics.queries.cells import cells, convertible, main_currency
from csuite.analytics.queries.columns import Column
from csuite.analytics.queries.percentiles import add_percentiles
from csuite.analytics.rollups import Cell, ModelCell

SOUGHT = (timedelta(days=31), timedelta(days=124))


@dataclass(frozen=True, slots=True)
class Group:
    """What `group` may be: the rollup that knows, and the dimensions that make a row. "tenant" is one, too."""

    rollup: type[Cell]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """One endpoint. The first of `groups` holds when none is named; `having` leaves rows out; `attempts` adds the
    number of all attempts to the totals, whatever the rollup counts."""

    name: str
    about: str
    groups: dict[str, Group]
    columns: tuple[Column, ...]
    granularity: str = ""
    having: str = ""
    attempts: bool = False

    def group(self, name: str) -> Group:
        if name and name not in self.groups:
            raise bad(f"group is one of {', '.join(self.groups)}")
        return self.groups[name] if name else next(iter(self.groups.values()))


@dataclass(frozen=True, slots=True)
class Answer:
    """`rows` and `totals` hold figures as the database gave them; `said` makes them what the interface says."""

    currency: str
    rows: list[dict[str, Any]]
    totals: dict[str, Any]
    unpriced_calls: int
    next: str | None
    display: str  # the currency that was converted to, if any


def answer(query: Query, ask: Ask, known: Answer | None = None) -> Answer:
    """In the scope that may see the cells of `ask.tenants`. Raises Problem 400 for a group or cursor unknown here.

    `known` is another answer about the same calls: its currency and totals are not computed again.
    """
    group = query.group(ask.group)
    wanted = ask.display
    ask = convertible(replace(ask, display=known.display) if known else ask)
    main = known.currency if known else main_currency(group.rollup, replace(ask, granularity=""), wanted or "USD")
    totals = dict(known.totals) if known else _totals(query, group, ask, main)
    rows, keys = _rows(query, group, ask, main)
    more = len(rows) > ask.limit
    rows, keys = rows[: ask.limit], keys[: ask.limit]
    add_percentiles(query.columns, group.keys, ask, rows, [key[:-1] for key in keys])
    for row in rows:
        _add_shares(query.columns, row, totals, main)
    _add_shares(query.columns, totals, totals, main)
    unpriced = known.unpriced_calls if known else totals.pop("_unpriced")
    return Answer(main, rows, totals, unpriced, cursor_of(keys[-1]) if more else None, ask.display)


def _key_expressions(group: Group, ask: Ask) -> list[str]:
    """All text, so that one comparison finds the place of the next page."""
    columns = [f"coalesce(\"{'tenant_id' if key == 'tenant' else key}\"::text, '')" for key in group.keys]
    period = ['to_char(period, \'YYYY-MM-DD"T"HH24:MI:SS"Z"\')'] if ask.granularity else []
    return [*period, *columns, "shown"]


def _summed(columns: Sequence[Column]) -> list[Column]:
    return [column for column in columns if column.sql]


def _rows(query: Query, group: Group, ask: Ask, main: str) -> tuple[list[dict[str, Any]], list[tuple[str, ...]]]:
    """Rows come in order of time, so a page of days is sought in the first ones; if they do not fill it, in all."""
    ask = within(ask, ask.after, ())
    for reach in SOUGHT if ask.granularity == "day" else ():
        if ask.since + reach < ask.until:
            rows, keys = _rows_of(query, group, replace(ask, until=ask.since + reach), main)
            if len(rows) > ask.limit:
                return rows, keys
    return _rows_of(query, group, ask, main)


def _rows_of(query: Query, group: Group, ask: Ask, main: str) -> tuple[list[dict[str, Any]], list[tuple[str, ...]]]:
    keys = _key_expressions(group, ask)
    columns = _summed(query.columns)
    source, parameters = cells(group.rollup, ask, main)
    after = ""
    if ask.after:
        after = f"WHERE ({', '.join(keys)}) > ({', '.join(['%s'] * len(keys))})"
        parameters += list(ask.after)
    numbers = ", ".join(str(place) for place in range(1, len(keys) + 1))
    statement = (
        f"SELECT {', '.join([*keys, *(column.sql for column in columns)])} FROM ({source}) c {after}"
        f" GROUP BY {numbers} {f'HAVING {query.having}' if query.having else ''} ORDER BY {numbers} LIMIT %s"
    )
    found = _fetch(statement, [*parameters, ask.limit + 1])
    rows = [_row(group, ask, line, columns) for line in found]
    return rows, [tuple(line[: len(keys)]) for line in found]


def _row(group: Group, ask: Ask, line: Sequence[Any], columns: Sequence[Column]) -> dict[str, Any]:
    names = ["period"] * bool(ask.granularity) + [*group.keys, "currency"]
    row: dict[str, Any] = {name: value or None for name, value in zip(names, line, strict=False)}
    values = line[len(names) :]
    return row | {column.name: value for column, value in zip(columns, values, strict=True)}


def _totals(query: Query, group: Group, ask: Ask, main: str) -> dict[str, Any]:
    """Counts of all cells, money of the main currency; other currencies beside it."""
    ask = replace(ask, granularity="", after=())
    columns = _summed(query.columns)
    source, parameters = cells(group.rollup, ask, main)
    unpriced = "coalesce(sum(unpriced), 0)" if "unpriced" in group.rollup.measures else "0"
    own = [c.sql.replace("sum(money)", "sum(money) FILTER (WHERE shown = %s)") for c in columns]
    mains = [main] * sum(sql.count("%s") for sql in own)
    statement = f"SELECT {', '.join([*own, unpriced])} FROM ({source}) c"
    (line,) = _fetch(statement, [*mains, *parameters])
    totals: dict[str, Any] = {column.name: value for column, value in zip(columns, line, strict=False)}
    totals["_unpriced"] = line[-1]
    totals["other_costs"] = _other_costs(group, ask, main)
    if query.attempts:
        source, parameters = cells(ModelCell, ask, main)
        ((totals["attempts"],),) = _fetch(f"SELECT coalesce(sum(calls), 0) FROM ({source}) c", parameters)
    add_percentiles(query.columns, (), ask, [totals], [()])
    return totals


def _other_costs(group: Group, ask: Ask, main: str) -> list[dict[str, Any]]:
    source, parameters = cells(group.rollup, ask, main)
    found = _fetch(
        f"SELECT shown, sum(money) FROM ({source}) c WHERE shown <> %s GROUP BY 1 ORDER BY 1", [*parameters, main]
    )
    return [{"currency": currency, "cost": cost} for currency, cost in found]


def _add_shares(columns: Sequence[Column], row: dict[str, Any], totals: dict[str, Any], main: str) -> None:
    """Money of another currency is no share of the totals."""
    for column in columns:
        if column.of:
            part, whole = row.get(column.part), totals.get(column.of)
            foreign = isinstance(part, Decimal) and row.get("currency", main) != main
            row[column.name] = None if foreign or part is None or not whole else part / whole


def _fetch(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
