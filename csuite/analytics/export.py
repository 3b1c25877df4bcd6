"""The calls of a choice as CSV, streamed."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from uuid import UUID

from csuite.analytics.calls import Choice, Mark, page
from csuite.analytics.corrections import CostCorrection, held
from csuite.analytics.models import LedgerEntry
from csuite.analytics.names import people
from csuite.tenants.db import in_db

BATCH = 2000
# A spreadsheet runs a cell that begins with one of these as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

COLUMNS = (
    "started_at", "person", "persona", "task", "kind", "provider", "model", "tier", "number", "fallback",
    "prompt_tokens", "completion_tokens", "cached_tokens", "cache_write_tokens", "reasoning_tokens",
    "cached_apart", "estimated", "cache", "compression_saved", "cost", "currency", "price_version",
    "billed_cost", "ttft_ms", "total_ms", "finish_reason", "error_kind", "json_valid", "prompt_version",
    "experiment", "request_id", "user", "conversation", "message", "turn", "deal", "id", "booked_cost",
)  # fmt: skip


def cell(value: object) -> str:
    """One cell: unknown is empty, never 0; text that a spreadsheet would run is led by an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def lines(rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()


def batch(choice: Choice, after: Mark | None) -> tuple[str, Mark | None]:
    """The CSV text of the next calls and where the ones after them begin (None at the end)."""
    rows, after = rows_of(choice, after)
    return lines(rows), after


def rows_of(choice: Choice, after: Mark | None) -> tuple[list[list[object]], Mark | None]:
    """The next calls, in the order of COLUMNS, and where the ones after them begin (None at the end)."""
    entries, more = page(choice.rows(), after, BATCH)
    names = people(entry.user for entry in entries)
    fixed = held([entry.id for entry in entries])
    rows = [_row(entry, names[entry.user], fixed.get(entry.id)) for entry in entries]
    return rows, Mark.at(entries[-1]) if more else None


def _row(entry: LedgerEntry, person: str, fixed: CostCorrection | None) -> list[object]:
    """A corrected cost takes the place of the booked one, which stands in a column of its own."""
    row: list[object] = [getattr(entry, name, None) for name in COLUMNS]
    row[COLUMNS.index("person")] = person
    row[COLUMNS.index("booked_cost")] = entry.cost
    if fixed is not None:
        for name in ("cost", "currency", "price_version"):
            row[COLUMNS.index(name)] = getattr(fixed, name)
    return row


async def stream(choice: Choice, tenant: UUID) -> AsyncIterator[str]:
    """The whole choice, a batch at a time: no transaction is open between two of them."""
    yield lines([COLUMNS])
    after: Mark | None = None
    while True:
        text, after = await in_db(batch, choice, after, tenant=tenant)
        yield text
        if after is None:
            return
