"""Percentiles of rows, from the rollup of times: one look for all of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import connection

from csuite.analytics.queries.asking import Ask, period_of, within
from csuite.analytics.queries.cells import PERIOD, where
from csuite.analytics.queries.columns import Column
from csuite.analytics.rollups import PaceCell
from csuite.analytics.rollups.by_pace import cut_for
from csuite.analytics.rollups.hashing import by_hash
from csuite.analytics.rollups.histogram import BUCKETS, MASK, NUMBERS, SHIFT, percentile, unpack

Key = tuple[str, ...]
Counts = dict[tuple[Any, ...], list[int]]


def add_percentiles(
    columns: Sequence[Column], dimensions: Key, ask: Ask, rows: Sequence[dict[str, Any]], keys: Sequence[Key]
) -> None:
    """Each row gets those of `columns` that are percentiles; `keys` are its period, if there is one, and dimensions.

    Rows that differ by currency alone share them: time has no currency.
    """
    wanted = [column for column in columns if column.histogram]
    if not wanted or not rows:
        return
    counts = _counts({column.histogram for column in wanted}, dimensions, within(ask, keys[0], keys[-1]))
    for row, key in zip(rows, keys, strict=True):
        packed = counts.get((period_of(key[0]), *key[1:]) if ask.granularity else key, [])
        own = {name: unpack(packed, name) for name in {column.histogram for column in wanted}}
        for column in wanted:
            value = percentile(own[column.histogram], column.share)
            row[column.name] = None if value is None else value / column.scale


def _counts(names: set[str], dimensions: Key, ask: Ask) -> Counts:
    """{key: packed counts} of that time; keys have their period as a moment.

    Each key's counts come as one text: a row for each of tens of thousands of them takes longer to read than to sum.
    """
    columns = [f'r."{name}" AS "{name}"' for name in dimensions]
    inner = ", ".join([*([f"{PERIOD[ask.granularity]} AS period"] if ask.granularity else []), *columns])
    keys = ", ".join([*(["period"] if ask.granularity else []), *(f'"{name}"' for name in dimensions)])
    by, listed = (f"{keys}, place", f"{keys}, ") if keys else ("place", "")
    condition, parameters = where(replace(ask, display=""))
    statement = (
        f"SELECT {listed}string_agg((place << {SHIFT} | n)::text, ',') FROM (SELECT {listed}place, sum(n)::bigint AS n"
        f" FROM (SELECT {f'{inner}, ' if inner else ''}v >> {SHIFT} AS place, v & {MASK} AS n"
        f" FROM {PaceCell._meta.db_table} r CROSS JOIN unnest(r.times) v"
        f" WHERE {condition} AND r.cut = %s AND v >> {SHIFT + BUCKETS} = ANY(%s)) v GROUP BY {by}) v"
        f"{f' GROUP BY {keys}' if keys else ''}"
    )
    with by_hash(), connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, cut_for(dimensions), [NUMBERS[name] for name in names]])
        return {tuple(key): [int(one) for one in (text or "").split(",") if one] for *key, text in cursor.fetchall()}
