"""The SQL of the rollup of times: from the ledger, all cuts in one pass; or from the cells of the span below."""

from csuite.analytics.rollups.by_pace import CUTS, PaceCell
from csuite.analytics.rollups.due import BELOW, DUE, FENCE, LENGTH
from csuite.analytics.rollups.histogram import DISTRIBUTIONS, MASK, PLACES, READ, SHIFT, place_sql

TABLE = PaceCell._meta.db_table
_KEYS = ", ".join(PaceCell.dimensions)
CELL = f"tenant_id, at, cut, {_KEYS}"
# What `times` of all rows of one cell add up to. Cells have a number: millions of counts are grouped by it and not by
# texts.
_PLACE = f"cell << {PLACES} | (v >> {SHIFT})"
PACKED = (
    f"counts AS (SELECT {_PLACE} AS place, sum(v & {MASK})::bigint AS n FROM cells CROSS JOIN unnest(times) v"
    f" WHERE v IS NOT NULL GROUP BY 1),"
    f" packed AS (SELECT place >> {PLACES} AS cell,"
    f" array_agg((place & {(1 << PLACES) - 1}) << {SHIFT} | n ORDER BY place) AS times FROM counts GROUP BY 1)"
)


def _grouping() -> tuple[str, str]:
    """The grouping sets of all cuts, and which cut a row of them is of."""
    known = PaceCell.dimensions
    sets = ", ".join(f"({', '.join(dimensions)})" for dimensions in CUTS.values())
    cases = " ".join(
        f"WHEN {int(''.join('0' if name in dimensions else '1' for name in known), 2)} THEN '{cut}'"
        for cut, dimensions in CUTS.items()
    )
    return f"GROUPING SETS ({sets})", f"CASE GROUPING({_KEYS}) {cases} END"


def from_source(span: str) -> str:
    return _insert(span, source_cells(span))


def source_cells(span: str) -> str:
    """Common table expressions up to `cells`: their keys, and in `times` one number for each value."""
    source = PaceCell.source
    columns = ", ".join(f"s.{name}" for name in dict.fromkeys([*PaceCell.dimensions, *READ]))
    sets, cut = _grouping()
    shown = ", ".join(f"coalesce({name}, '') AS {name}" for name in PaceCell.dimensions)
    ones = [f"array_agg({place_sql(name)} << {SHIFT} | 1)" for name in DISTRIBUTIONS]
    rows = (
        f"rows AS (SELECT due.tenant_id, due.at, {columns} FROM due CROSS JOIN LATERAL"
        f" (SELECT * FROM {source.table} s WHERE s.tenant_id = due.tenant_id AND s.{source.time} >= due.at"
        f" AND s.{source.time} < due.at + interval '{LENGTH[span]}' {FENCE}) s)"
    )
    cells = (
        f"cells AS MATERIALIZED (SELECT row_number() OVER () AS cell, tenant_id, at, {cut} AS cut, {shown},"
        f" {' || '.join(ones)} AS times FROM rows GROUP BY tenant_id, at, {sets})"
    )
    return f"{rows}, {cells}"


def from_below(span: str) -> str:
    """Days from their hours, months from their days."""
    return _insert(
        span,
        f"cells AS MATERIALIZED (SELECT dense_rank() OVER (ORDER BY due.tenant_id, due.at, cut, {_KEYS}) AS cell,"
        f" due.tenant_id, due.at, cut, {_KEYS}, times FROM due CROSS JOIN LATERAL"
        f" (SELECT * FROM {TABLE} s WHERE s.tenant_id = due.tenant_id AND s.span = '{BELOW[span]}'"
        f" AND s.at >= due.at AND s.at < due.at + interval '{LENGTH[span]}' {FENCE}) s)",
    )


def _insert(span: str, cells: str) -> str:
    return f"WITH {DUE}, {cells}, {PACKED} {inserted(span)}"


def inserted(span: str) -> str:
    """The statement that makes cells of `packed`."""
    return (
        f"INSERT INTO {TABLE} (span, {CELL}, times)"
        f" SELECT '{span}', {CELL}, packed.times FROM packed"
        f" JOIN (SELECT DISTINCT ON (cell) cell, {CELL} FROM cells) c USING (cell)"
    )
