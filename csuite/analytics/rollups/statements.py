"""The SQL of a rollup: cells from the source, or from the cells of the span below."""

from collections.abc import Iterable

from csuite.analytics.rollups.histogram import BUCKET, MASK, SHIFT
from csuite.analytics.rollups.measures import DAY, HOUR, MONTH, Cell

LENGTH = {HOUR: "1 hour", DAY: "24 hours", MONTH: "1 month"}
BELOW = {DAY: HOUR, MONTH: DAY}

# Parameters of every statement: %(tenants)s and %(times)s, two arrays of one length: the cells that are due.
_DUE = "due AS (SELECT * FROM unnest(%(tenants)s::uuid[], %(times)s::timestamptz[]) AS d (tenant_id, at))"

# Keeps PostgreSQL from joining whole companies by hash and comparing all their times, which takes hours where the
# index takes milliseconds: each due cell is one look into the index.
_FENCE = "OFFSET 0"

# The last correction of a call holds. Its cost and currency take the place of the ledger's.
_CORRECTIONS = """fixed AS (
  SELECT DISTINCT ON (f.entry) f.entry, f.cost, f.currency FROM due
  JOIN cost_correction f ON f.tenant_id = due.tenant_id
    AND f.started_at >= due.at AND f.started_at < due.at + interval '{length}'
  ORDER BY f.entry, f.id DESC
)"""


def empty(rollup: type[Cell], span: str) -> str:
    """Deletes the due cells."""
    table = rollup._meta.db_table
    return (
        f"WITH {_DUE} DELETE FROM {table} WHERE id = ANY(ARRAY(SELECT s.id FROM due CROSS JOIN LATERAL"
        f" (SELECT id FROM {table} r WHERE r.tenant_id = due.tenant_id AND r.span = '{span}' AND r.at = due.at"
        f" {_FENCE}) s))"
    )


def from_source(rollup: type[Cell], span: str) -> str:
    """Inserts the due cells of this span from the source."""
    source = rollup.source
    cost, currency = ("cost", "currency") if source.corrected else ("cost_saved", "currency")
    corrected = "LEFT JOIN fixed ON fixed.entry = s.id" if source.corrected else ""
    if source.corrected:
        cost, currency = f"coalesce(fixed.{cost}, s.{cost})", f"coalesce(fixed.{currency}, s.{currency})"
    columns = ", ".join(f"s.{name}" for name in sorted(_read(rollup)))
    ctes = [_DUE, *([_CORRECTIONS.format(length=LENGTH[span])] if source.corrected else [])]
    ctes.append(
        f"rows AS (SELECT due.tenant_id, due.at, {columns}, {cost} AS cost,"
        f" CASE WHEN {cost} IS NULL THEN '' ELSE {currency} END AS currency"
        f" FROM due CROSS JOIN LATERAL (SELECT * FROM {source.table} s WHERE s.tenant_id = due.tenant_id"
        f" AND s.{source.time} >= due.at AND s.{source.time} < due.at + interval '{LENGTH[span]}' AND {source.only}"
        f" {_FENCE}) s {corrected})"
    )
    values = {name: BUCKET.format(value=f"({value})") for name, value in rollup.histograms.items()}
    buckets = {
        name: f"SELECT {{keys}}, {values[name]} AS bucket, count(*) AS n FROM rows"
        f" WHERE ({value}) IS NOT NULL GROUP BY {{keys}}, bucket"
        for name, value in rollup.histograms.items()
    }
    return _insert(rollup, span, ctes, dict(rollup.measures), buckets)


def from_below(rollup: type[Cell], span: str) -> str:
    """Inserts the due days from their hours, or months from their days."""
    columns = ", ".join(f"s.{name}" for name in [*_keys(rollup)[2:], *rollup.measures, *rollup.histograms])
    rows = (
        f"rows AS (SELECT due.tenant_id, due.at, {columns} FROM due CROSS JOIN LATERAL"
        f" (SELECT * FROM {rollup._meta.db_table} s WHERE s.tenant_id = due.tenant_id AND s.span = '{BELOW[span]}'"
        f" AND s.at >= due.at AND s.at < due.at + interval '{LENGTH[span]}' {_FENCE}) s)"
    )
    buckets = {
        name: f"SELECT {{keys}}, v >> {SHIFT} AS bucket, sum(v & {MASK})::bigint AS n FROM rows, unnest({name}) AS v"
        " GROUP BY {keys}, bucket"
        for name in rollup.histograms
    }
    return _insert(rollup, span, [_DUE, rows], {name: f"sum({name})" for name in rollup.measures}, buckets)


def _keys(rollup: type[Cell]) -> list[str]:
    return ["tenant_id", "at", *(f'"{name}"' for name in rollup.dimensions), "currency"]


def _insert(
    rollup: type[Cell], span: str, ctes: Iterable[str], measures: dict[str, str], buckets: dict[str, str]
) -> str:
    keys = ", ".join(_keys(rollup))
    sums = ", ".join(f"{sql} AS {name}" for name, sql in measures.items())
    parts = [*ctes, f"sums AS (SELECT {keys}, {sums} FROM rows GROUP BY {keys})"]
    joins = ""
    for name, sql in buckets.items():
        parts.append(
            f"{name}_h AS (SELECT {keys}, array_agg(bucket << {SHIFT} | n ORDER BY bucket) AS packed"
            f" FROM ({sql.format(keys=keys)}) b GROUP BY {keys})"
        )
        joins += f" LEFT JOIN {name}_h USING ({keys})"
    names = [*_keys(rollup), *measures]
    shown = [*names, *(f"coalesce({name}_h.packed, '{{}}')" for name in buckets)]
    return (
        f"WITH {', '.join(parts)} INSERT INTO {rollup._meta.db_table} (span, {', '.join([*names, *buckets])})"
        f" SELECT '{span}', {', '.join(shown)} FROM sums{joins}"
    )


# What measures and histograms of the ledger read, beside cost and currency.
_LEDGER = (
    "number", "error_kind", "fallback", "estimated", "prompt_tokens", "completion_tokens", "cached_tokens",
    "cache_write_tokens", "reasoning_tokens", "cached_apart", "compression_saved", "billed_cost", "ttft_ms",
    "total_ms", "json_valid",
)  # fmt: skip
_CACHE = ("event", "tokens_saved", "cost_saved")


def _read(rollup: type[Cell]) -> set[str]:
    """Columns of the source, quoted: `user` is a word of SQL."""
    return {f'"{name}"' for name in {*rollup.dimensions, *(_LEDGER if rollup.source.corrected else _CACHE)}}
