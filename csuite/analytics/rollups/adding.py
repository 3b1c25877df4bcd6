"""The SQL of an hour that was summed before: its cells are made again, and what that changes is added to its day and
month.

So a call costs what its hour costs, however much the month holds. True as long as a day is the sum of its hours, and a
month of its days, which every way of filling leaves so.
"""

from csuite.analytics.rollups import pacing
from csuite.analytics.rollups.by_pace import PaceCell
from csuite.analytics.rollups.due import DUE, FENCE
from csuite.analytics.rollups.histogram import MASK, SHIFT
from csuite.analytics.rollups.measures import DAY, HOUR, MONTH, Cell
from csuite.analytics.rollups.statements import deleted, inserted, keys, source_rows

# The days and months of what changed in hours. One moment for all time zones: days and months are those of UTC.
_ABOVE = f"CROSS JOIN (VALUES ('{DAY}'), ('{MONTH}')) above (span)"
_AT = "date_trunc(above.span, c.at, 'UTC') AS at"


def add(rollup: type[Cell]) -> str:
    """Sums the due hours again, and adds the difference to their days and months, all in one statement."""
    if rollup is PaceCell:
        return _add_paces()
    table, measures = rollup._meta.db_table, list(rollup.measures)
    named, listed = ", ".join(keys(rollup)), ", ".join(measures)
    others = ", ".join(keys(rollup)[2:])
    sums = ", ".join(f"sum({name}) AS {name}" for name in measures)
    ctes = [
        *source_rows(rollup, HOUR),
        f"made AS ({inserted(rollup, HOUR, dict(rollup.measures))} RETURNING {named}, {listed})",
        f"gone AS ({deleted(rollup, HOUR)} RETURNING {named}, {listed})",
        f"signed AS (SELECT {named}, {listed} FROM made UNION ALL"
        f" SELECT {named}, {', '.join(f'-{name}' for name in measures)} FROM gone)",
        f"hours AS (SELECT {named}, {sums} FROM signed GROUP BY {named}"
        f" HAVING {' OR '.join(f'sum({name}) <> 0' for name in measures)})",
        f"change AS MATERIALIZED (SELECT above.span, c.tenant_id, {_AT}, {others}, {sums} FROM hours c {_ABOVE}"
        f" GROUP BY above.span, c.tenant_id, {_AT.partition(' AS ')[0]}, {others})",
        _touched(rollup, ("tenant_id", "span", "at")),
        f"replaced AS (DELETE FROM {table} WHERE id = ANY(ARRAY(SELECT id FROM touched)))",
        f"every AS (SELECT span, {named}, {listed} FROM change UNION ALL SELECT span, {named}, {listed} FROM touched)",
    ]
    return (
        f"WITH {', '.join(ctes)} INSERT INTO {table} (span, {named}, {listed})"
        f" SELECT span, {named}, {', '.join(f'sum({name})' for name in measures)} FROM every GROUP BY span, {named}"
        f" HAVING sum({rollup.rows}) > 0"
    )


def _touched(rollup: type[Cell], place: tuple[str, ...]) -> str:
    """The cells above that change. All cells of their places are looked up by the index, once each."""
    own = [*rollup.dimensions, *(() if rollup is PaceCell else ("currency",))]
    at = " AND ".join(f"s.{name} = p.{name}" for name in place)
    same = [f"c.{name} = r.{name}" for name in place] + [_same(rollup, name) for name in own]
    return (
        f"touched AS MATERIALIZED (SELECT r.* FROM (SELECT DISTINCT {', '.join(place)} FROM change) p"
        f" CROSS JOIN LATERAL (SELECT * FROM {rollup._meta.db_table} s WHERE {at} {FENCE}) r"
        f" WHERE EXISTS (SELECT FROM change c WHERE {' AND '.join(same)}))"
    )


def _same(rollup: type[Cell], name: str) -> str:
    """Plain equality where it may be: only that joins by hash."""
    nullable = rollup._meta.get_field(name).null
    return f'c."{name}" {"IS NOT DISTINCT FROM" if nullable else "="} r."{name}"'


def _add_paces() -> str:
    """The same for distributions: what changes is how many values fell into a bucket."""
    table, cell = pacing.TABLE, pacing.CELL
    own = cell.replace("at, ", "")
    counts = f"v >> {SHIFT} AS place, v & {MASK} AS n"
    ctes = [
        DUE,
        pacing.source_cells(HOUR),
        pacing.PACKED,
        f"made AS ({pacing.inserted(HOUR)} RETURNING {cell}, times)",
        f"gone AS ({deleted(PaceCell, HOUR)} RETURNING {cell}, times)",
        f"signed AS (SELECT {cell}, {counts} FROM made CROSS JOIN unnest(times) v UNION ALL"
        f" SELECT {cell}, v >> {SHIFT}, -(v & {MASK}) FROM gone CROSS JOIN unnest(times) v)",
        f"change AS MATERIALIZED (SELECT above.span, {own.replace('tenant_id', 'c.tenant_id')}, {_AT}, place,"
        f" sum(n)::bigint AS n FROM signed c {_ABOVE}"
        f" GROUP BY above.span, {own}, {_AT.partition(' AS ')[0]}, place HAVING sum(n) <> 0)",
        _touched(PaceCell, ("tenant_id", "span", "cut", "at")),
        f"replaced AS (DELETE FROM {table} WHERE id = ANY(ARRAY(SELECT id FROM touched)))",
        f"every AS (SELECT span, {cell}, place, n FROM change UNION ALL"
        f" SELECT span, {cell}, {counts} FROM touched CROSS JOIN unnest(times) v)",
        f"summed AS (SELECT span, {cell}, place, sum(n)::bigint AS n FROM every GROUP BY span, {cell}, place"
        f" HAVING sum(n) > 0)",
    ]
    return (
        f"WITH {', '.join(ctes)} INSERT INTO {table} (span, {cell}, times)"
        f" SELECT span, {cell}, array_agg(place << {SHIFT} | n ORDER BY place) FROM summed GROUP BY span, {cell}"
    )
