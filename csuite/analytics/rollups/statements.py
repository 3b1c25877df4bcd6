"""The SQL of a rollup: cells from the source, or from the cells of the span below."""

from csuite.analytics.rollups import pacing
from csuite.analytics.rollups.by_pace import PaceCell
from csuite.analytics.rollups.due import BELOW, DUE, FENCE, LENGTH
from csuite.analytics.rollups.measures import Cell

# The last correction of a call holds. Its cost and currency take the place of the ledger's.
_CORRECTIONS = """fixed AS (
  SELECT DISTINCT ON (f.entry) f.entry, f.cost, f.currency FROM due
  JOIN cost_correction f ON f.tenant_id = due.tenant_id
    AND f.started_at >= due.at AND f.started_at < due.at + interval '{length}'
  ORDER BY f.entry, f.id DESC
)"""


def empty(rollup: type[Cell], span: str) -> str:
    """Deletes the due cells."""
    return f"WITH {DUE} {deleted(rollup, span)}"


def deleted(rollup: type[Cell], span: str) -> str:
    """The statement that deletes the cells of `due`."""
    table = rollup._meta.db_table
    return (
        f"DELETE FROM {table} WHERE id = ANY(ARRAY(SELECT s.id FROM due CROSS JOIN LATERAL"
        f" (SELECT id FROM {table} r WHERE r.tenant_id = due.tenant_id AND r.span = '{span}' AND r.at = due.at"
        f" {FENCE}) s))"
    )


def from_source(rollup: type[Cell], span: str) -> str:
    """Inserts the due cells of this span from the source."""
    if rollup is PaceCell:
        return pacing.from_source(span)
    return f"WITH {', '.join(source_rows(rollup, span))} {inserted(rollup, span, dict(rollup.measures))}"


def source_rows(rollup: type[Cell], span: str) -> list[str]:
    """Common table expressions up to `rows`: those of the source, with the moment of their cell, corrected."""
    source = rollup.source
    cost, currency = ("cost", "currency") if source.corrected else ("cost_saved", "currency")
    corrected = "LEFT JOIN fixed ON fixed.entry = s.id" if source.corrected else ""
    if source.corrected:
        cost, currency = f"coalesce(fixed.{cost}, s.{cost})", f"coalesce(fixed.{currency}, s.{currency})"
    columns = ", ".join(f"s.{name}" for name in sorted(_read(rollup)))
    ctes = [DUE, *([_CORRECTIONS.format(length=LENGTH[span])] if source.corrected else [])]
    ctes.append(
        f"rows AS (SELECT due.tenant_id, due.at, {columns}, {cost} AS cost,"
        f" CASE WHEN {cost} IS NULL THEN '' ELSE {currency} END AS currency"
        f" FROM due CROSS JOIN LATERAL (SELECT * FROM {source.table} s WHERE s.tenant_id = due.tenant_id"
        f" AND s.{source.time} >= due.at AND s.{source.time} < due.at + interval '{LENGTH[span]}' AND {source.only}"
        f" {FENCE}) s {corrected})"
    )
    return ctes


def from_below(rollup: type[Cell], span: str) -> str:
    """Inserts the due days from their hours, or months from their days."""
    if rollup is PaceCell:
        return pacing.from_below(span)
    columns = ", ".join(f"s.{name}" for name in [*keys(rollup)[2:], *rollup.measures])
    rows = (
        f"rows AS (SELECT due.tenant_id, due.at, {columns} FROM due CROSS JOIN LATERAL"
        f" (SELECT * FROM {rollup._meta.db_table} s WHERE s.tenant_id = due.tenant_id AND s.span = '{BELOW[span]}'"
        f" AND s.at >= due.at AND s.at < due.at + interval '{LENGTH[span]}' {FENCE}) s)"
    )
    return f"WITH {DUE}, {rows} {inserted(rollup, span, {name: f'sum({name})' for name in rollup.measures})}"


def keys(rollup: type[Cell]) -> list[str]:
    return ["tenant_id", "at", *(f'"{name}"' for name in rollup.dimensions), "currency"]


def inserted(rollup: type[Cell], span: str, measures: dict[str, str]) -> str:
    """The statement that makes cells of `rows`."""
    named, sums = ", ".join(keys(rollup)), ", ".join(measures.values())
    return (
        f"INSERT INTO {rollup._meta.db_table} (span, {named}, {', '.join(measures)})"
        f" SELECT '{span}', {named}, {sums} FROM rows GROUP BY {named}"
    )


# What measures of the ledger read, beside cost and currency.
_LEDGER = (
    "number", "error_kind", "fallback", "estimated", "prompt_tokens", "completion_tokens", "cached_tokens",
    "cache_write_tokens", "reasoning_tokens", "cached_apart", "compression_saved", "billed_cost", "total_ms",
    "json_valid",
)  # fmt: skip
_CACHE = ("event", "tokens_saved", "cost_saved")


def _read(rollup: type[Cell]) -> set[str]:
    """Columns of the source, quoted: `user` is a word of SQL."""
    return {f'"{name}"' for name in {*rollup.dimensions, *(_LEDGER if rollup.source.corrected else _CACHE)}}
