"""The cells of a rollup as plain Python sums them from ledger rows, to compare with what is stored."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from csuite.analytics.models import LedgerEntry
from csuite.analytics.rollups import ROLLUPS, CacheCell, Cell, ErrorCell, filling
from csuite.analytics.rollups.histogram import bucket, unpack
from csuite.analytics.rollups.measures import PROVIDER_FAULTS
from csuite.tenants.scope import platform_scope


def expected(rollup: type[Cell], span: str, entries: Iterable[LedgerEntry]) -> dict[Any, dict[str, Any]]:
    """The cells of a rollup, summed here in plain Python."""
    cells: dict[Any, dict[str, Any]] = defaultdict(lambda: defaultdict(int))
    for one in entries:
        if ("deal" in rollup.dimensions and one.deal is None) or (rollup is ErrorCell and not one.error_kind):
            continue
        at = one.started_at.replace(minute=0, second=0, microsecond=0)
        if span in ("day", "month"):
            at = at.replace(hour=0, day=1 if span == "month" else at.day)
        elif at < filling.oldest_hour():
            continue
        currency = "" if one.cost is None else one.currency
        key = (one.tenant_id, at, currency, *(getattr(one, name) for name in rollup.dimensions))
        cell = cells[key]
        apart = (one.cached_tokens or 0) + (one.cache_write_tokens or 0) if one.cached_apart else 0
        failed = one.error_kind not in ("", "cancelled")
        for name, value in {
            "calls": 1, "begun": one.number == 1, "answered": not one.error_kind,
            "stopped": one.error_kind == "cancelled", "failed": failed, "faults": one.error_kind in PROVIDER_FAULTS,
            "fallbacks": one.fallback, "estimated": one.estimated, "unpriced": one.cost is None,
            "unpriced_tokens": one.all_tokens if one.cost is None else 0,
            "input_tokens": (one.prompt_tokens or 0) + apart, "output_tokens": one.completion_tokens or 0,
            "cached_tokens": one.cached_tokens or 0, "cache_write_tokens": one.cache_write_tokens or 0,
            "reasoning_tokens": one.reasoning_tokens or 0, "compressed": bool(one.compression_saved),
            "compression_saved": one.compression_saved or 0, "cost": one.cost or Decimal(0),
            "billed_cost": one.billed_cost or Decimal(0), "timed": one.total_ms is not None,
            "total_ms": one.total_ms or 0, "json_checked": one.json_valid is not None,
            "json_valid": bool(one.json_valid),
        }.items():  # fmt: skip
            cell[name] += value
        for name, value in distributed(one).items():
            if name in rollup.histograms:
                cell.setdefault(name, defaultdict(int))
                if value is not None:
                    cell[name][bucket(value)] += 1
    return {key: {name: plain(value) for name, value in cell.items()} for key, cell in cells.items()}


def distributed(one: LedgerEntry) -> dict[str, float | None]:
    speed = None
    if None not in (one.ttft_ms, one.total_ms) and one.total_ms > one.ttft_ms and (one.completion_tokens or 0) > 1:  # type: ignore[operator]
        exact = Decimal(one.completion_tokens * 10000) / (one.total_ms - one.ttft_ms)  # type: ignore[operator]
        speed = int(exact.quantize(Decimal(1), "ROUND_HALF_UP"))
    return {"first_ms": one.ttft_ms, "total_hist": one.total_ms, "speed": speed}


def plain(value: Any) -> Any:
    return dict(value) if isinstance(value, dict) else value


def found(rollup: type[Cell], span: str) -> dict[Any, dict[str, Any]]:
    cells = {}
    with platform_scope("test"):
        for cell in rollup.objects.filter(span=span):
            key = (cell.tenant_id, cell.at, cell.currency, *(getattr(cell, name) for name in rollup.dimensions))
            assert key not in cells, "a cell is there twice"
            cells[key] = {name: getattr(cell, name) for name in rollup.measures}
            cells[key] |= {name: unpack(getattr(cell, name)) for name in rollup.histograms}
    return cells


def same_as_ledger(entries: list[LedgerEntry]) -> None:
    for rollup in ROLLUPS:
        if rollup is not CacheCell:
            for span in ("hour", "day", "month"):
                assert found(rollup, span) == expected(rollup, span, entries), (rollup.__name__, span)
