"""The SQL of the rollup of times: from the ledger, all cuts in one pass; or from the cells of the span below."""

from csuite.analytics.rollups.by_pace import CUTS, PaceCell
from csuite.analytics.rollups.due import BELOW, DUE, FENCE, LENGTH
from csuite.analytics.rollups.histogram import DISTRIBUTIONS, MASK, READ, SHIFT, place_sql

_TABLE = PaceCell._meta.db_table
_KEYS = ", ".join(PaceCell.dimensions)
_CELL = f"tenant_id, at, cut, {_KEYS}"


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
    source = PaceCell.source
    columns = ", ".join(f"s.{name}" for name in dict.fromkeys([*PaceCell.dimensions, *READ]))
    sets, cut = _grouping()
    places = ", ".join(f"({place_sql(name)})" for name in DISTRIBUTIONS)
    shown = ", ".join(f"coalesce({name}, '') AS {name}" for name in PaceCell.dimensions)
    rows = (
        f"rows AS (SELECT due.tenant_id, due.at, {columns} FROM due CROSS JOIN LATERAL"
        f" (SELECT * FROM {source.table} s WHERE s.tenant_id = due.tenant_id AND s.{source.time} >= due.at"
        f" AND s.{source.time} < due.at + interval '{LENGTH[span]}' {FENCE}) s)"
    )
    counts = (
        f"counts AS (SELECT tenant_id, at, {cut} AS cut, {shown}, place, count(*) AS n FROM rows"
        f" CROSS JOIN LATERAL (VALUES {places}) v (place) WHERE place IS NOT NULL"
        f" GROUP BY tenant_id, at, place, {sets})"
    )
    return _insert(span, f"{rows}, {counts}")


def from_below(span: str) -> str:
    """Days from their hours, months from their days."""
    return _insert(
        span,
        f"counts AS (SELECT due.tenant_id, due.at, cut, {_KEYS}, v >> {SHIFT} AS place,"
        f" sum(v & {MASK})::bigint AS n FROM due CROSS JOIN LATERAL"
        f" (SELECT * FROM {_TABLE} s WHERE s.tenant_id = due.tenant_id AND s.span = '{BELOW[span]}'"
        f" AND s.at >= due.at AND s.at < due.at + interval '{LENGTH[span]}' {FENCE}) s"
        f" CROSS JOIN unnest(s.times) v GROUP BY due.tenant_id, due.at, cut, {_KEYS}, place)",
    )


def _insert(span: str, counts: str) -> str:
    return (
        f"WITH {DUE}, {counts} INSERT INTO {_TABLE} (span, {_CELL}, times)"
        f" SELECT '{span}', {_CELL}, array_agg(place << {SHIFT} | n ORDER BY place) FROM counts GROUP BY {_CELL}"
    )
