"""What every rollup has in common: which rows it sums, what it counts, and how it looks as a table.

A rollup is one file: its dimensions. The measures are the same everywhere, so a page can trust that the sum over
models is the sum over people. All of them add up, from hours to days to months; a share is divided when it is shown.
"""

from dataclasses import dataclass
from typing import ClassVar

from django.db import models

from csuite.tenants.models import TenantOwned

HOUR, DAY, MONTH = "hour", "day", "month"

# The provider's fault, for its uptime: what the caller did wrong, and limits the caller ran into, are not.
PROVIDER_FAULTS = ("timeout", "overloaded", "server_error", "connection", "malformed", "midstream")
_FAULTS = ", ".join(f"'{kind}'" for kind in PROVIDER_FAULTS)
_INPUT = (
    "coalesce(prompt_tokens, 0) + CASE WHEN cached_apart"
    " THEN coalesce(cached_tokens, 0) + coalesce(cache_write_tokens, 0) ELSE 0 END"
)

# name -> SQL over the calls of one cell (filling.py)
MEASURES = {
    "calls": "count(*)",  # attempts, as in the ledger
    "begun": "count(*) FILTER (WHERE number = 1)",  # calls whose first attempt this was
    "answered": "count(*) FILTER (WHERE error_kind = '')",
    "stopped": "count(*) FILTER (WHERE error_kind = 'cancelled')",
    "failed": "count(*) FILTER (WHERE error_kind NOT IN ('', 'cancelled'))",
    "faults": f"count(*) FILTER (WHERE error_kind IN ({_FAULTS}))",
    "fallbacks": "count(*) FILTER (WHERE fallback)",
    "estimated": "count(*) FILTER (WHERE estimated)",
    "unpriced": "count(*) FILTER (WHERE cost IS NULL)",
    "unpriced_tokens": f"coalesce(sum({_INPUT} + coalesce(completion_tokens, 0)) FILTER (WHERE cost IS NULL), 0)",
    "input_tokens": f"coalesce(sum({_INPUT}), 0)",  # with what a provider counts apart from its prompt
    "output_tokens": "coalesce(sum(completion_tokens), 0)",
    "cached_tokens": "coalesce(sum(cached_tokens), 0)",
    "cache_write_tokens": "coalesce(sum(cache_write_tokens), 0)",
    "reasoning_tokens": "coalesce(sum(reasoning_tokens), 0)",
    "compressed": "count(*) FILTER (WHERE compression_saved > 0)",
    "compression_saved": "coalesce(sum(compression_saved), 0)",
    "cost": "coalesce(sum(cost), 0)",
    "billed_cost": "coalesce(sum(billed_cost), 0)",
    "timed": "count(total_ms)",
    "total_ms": "coalesce(sum(total_ms), 0)",
    "json_checked": "count(json_valid)",
    "json_valid": "count(*) FILTER (WHERE json_valid)",
}


def count() -> "models.BigIntegerField[int, int]":
    return models.BigIntegerField(default=0)


def sum_of_money() -> "models.DecimalField[object, object]":
    return models.DecimalField(max_digits=30, decimal_places=10, default=0)


class Cell(TenantOwned):
    """One hour, day or month of one combination of dimensions. Derived: deleted and made again at will (filling.py)."""

    id = models.BigAutoField(primary_key=True)  # type: ignore[assignment]  # small, in order of writing
    span = models.CharField(max_length=5, help_text="hour, day or month")
    at = models.DateTimeField(help_text="Its first moment, UTC.")

    dimensions: ClassVar[tuple[str, ...]] = ()
    source: ClassVar["Source"]
    measures: ClassVar[dict[str, str]] = {}
    rows: ClassVar[str] = ""  # SQL over the measures: how many rows of the source; a cell without any goes

    class Meta(TenantOwned.Meta):
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.db_table} {self.span} {self.at:%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class Source:
    """The table that a rollup sums: what has the time, whether corrections of cost belong to it, which rows only."""

    table: str
    time: str
    corrected: bool
    only: str = "true"


class CallCell(Cell):
    """Sums of ledger rows. `currency` is part of every cell, empty for calls without a price."""

    currency = models.CharField(max_length=3, blank=True)
    calls = count()
    begun = count()
    answered = count()
    stopped = count()
    failed = count()
    faults = count()
    fallbacks = count()
    estimated = count()
    unpriced = count()
    unpriced_tokens = count()
    input_tokens = count()
    output_tokens = count()
    cached_tokens = count()
    cache_write_tokens = count()
    reasoning_tokens = count()
    compressed = count()
    compression_saved = count()
    cost = sum_of_money()
    billed_cost = sum_of_money()
    timed = count()
    total_ms = count()
    json_checked = count()
    json_valid = count()

    source = Source("ledger", "started_at", corrected=True)
    measures = MEASURES
    rows = "calls"

    class Meta(Cell.Meta):
        abstract = True


def by_time(name: str) -> list[models.Index]:
    """The one index of a rollup of sums: a tenant's cells of a span in order of time."""
    return [models.Index(fields=["tenant", "span", "at"], name=name)]
