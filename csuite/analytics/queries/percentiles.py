"""Percentiles of rows, from the rollup of times: one look for all of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import connection

from csuite.analytics.queries.asking import Ask, stamp, within
from csuite.analytics.queries.cells import PERIOD, where
from csuite.analytics.queries.columns import Column
from csuite.analytics.rollups import PaceCell
from csuite.analytics.rollups.by_pace import cut_for
from csuite.analytics.rollups.hashing import by_hash
from csuite.analytics.rollups.histogram import BUCKETS, MASK, NUMBERS, SHIFT, of, percentile

Key = tuple[str, ...]
Counts = dict[Key, list[tuple[int, int]]]


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
        for column in wanted:
            value = percentile(of(counts.get(key, ()), column.histogram), column.share)
            row[column.name] = None if value is None else value / column.scale


def _counts(names: set[str], dimensions: Key, ask: Ask) -> Counts:
    """(distribution and bucket, count) of each key in that time."""
    period = [PERIOD[ask.granularity]] if ask.granularity else []
    by = ", ".join([*period, *(f'r."{name}"' for name in dimensions), f"v >> {SHIFT}"])
    condition, parameters = where(replace(ask, display=""))
    statement = (
        f"SELECT {by}, sum(v & {MASK})::bigint FROM {PaceCell._meta.db_table} r CROSS JOIN unnest(r.times) v"
        f" WHERE {condition} AND r.cut = %s AND v >> {SHIFT + BUCKETS} = ANY(%s) GROUP BY {by}"
    )
    found: Counts = defaultdict(list)
    with by_hash(), connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, cut_for(dimensions), [NUMBERS[name] for name in names]])
        for *key, place, count in cursor.fetchall():
            found[tuple(stamp(one) if isinstance(one, datetime) else one for one in key)].append((place, count))
    return found
