"""The cells of a rollup as plain Python sums them from ledger rows, to compare with what is stored."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from csuite.analytics.models import LedgerEntry
from csuite.analytics.rollups import ROLLUPS, CacheCell, Cell, ErrorCell, PaceCell, filling
from csuite.analytics.rollups.by_pace import CUTS
from csuite.analytics.rollups.histogram import DISTRIBUTIONS, bucket, unpack
from csuite.analytics.rollups.measures import PROVIDER_FAULTS
from csuite.tenants.scope import platform_scope


def begins(one: LedgerEntry, span: str) -> datetime | None:
    """The first moment of the cell that a row belongs to; None if its hour is not kept."""
    at = one.started_at.replace(minute=0, second=0, microsecond=0)
    if span == "hour":
        return at if at >= filling.oldest_hour() else None
    return at.replace(hour=0, day=1 if span == "month" else at.day)


def expected(rollup: type[Cell], span: str, entries: Iterable[LedgerEntry]) -> dict[Any, dict[str, Any]]:
    """The cells of a rollup, summed here in plain Python."""
    cells: dict[Any, dict[str, Any]] = defaultdict(lambda: defaultdict(int))
    for one in entries:
        if ("deal" in rollup.dimensions and one.deal is None) or (rollup is ErrorCell and not one.error_kind):
            continue
        if (at := begins(one, span)) is None:
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
    return {key: dict(cell) for key, cell in cells.items()}


def expected_paces(span: str, entries: Iterable[LedgerEntry]) -> dict[Any, Any]:
    """How many values fell into each bucket of each distribution, for each cut."""
    cells: dict[Any, Counter[tuple[str, int]]] = defaultdict(Counter)
    for one in entries:
        if (at := begins(one, span)) is None:
            continue
        for cut, dimensions in CUTS.items():
            own = [getattr(one, name) if name in dimensions else "" for name in PaceCell.dimensions]
            for name, value in distributed(one).items():
                if value is not None:
                    cells[one.tenant_id, at, cut, *own][name, bucket(value)] += 1
    return cells


def distributed(one: LedgerEntry) -> dict[str, float | None]:
    speed = None
    if None not in (one.ttft_ms, one.total_ms) and one.total_ms > one.ttft_ms and (one.completion_tokens or 0) > 1:  # type: ignore[operator]
        exact = Decimal(one.completion_tokens * 10000) / (one.total_ms - one.ttft_ms)  # type: ignore[operator]
        speed = int(exact.quantize(Decimal(1), "ROUND_HALF_UP"))
    return {"first_ms": one.ttft_ms, "total_ms": one.total_ms, "speed": speed}


def found(rollup: type[Cell], span: str) -> dict[Any, dict[str, Any]]:
    cells = {}
    with platform_scope("test"):
        for cell in rollup.objects.filter(span=span):
            key = (cell.tenant_id, cell.at, cell.currency, *(getattr(cell, name) for name in rollup.dimensions))
            assert key not in cells, "a cell is there twice"
            cells[key] = {name: getattr(cell, name) for name in rollup.measures}
    return cells


def found_paces(span: str) -> dict[Any, Any]:
    cells = {}
    with platform_scope("test"):
        for cell in PaceCell.objects.filter(span=span):
            key = (cell.tenant_id, cell.at, cell.cut, *(getattr(cell, name) for name in PaceCell.dimensions))
            assert key not in cells, "a cell is there twice"
            counts = {name: unpack(cell.times, name) for name in DISTRIBUTIONS}
            cells[key] = {(name, place): n for name, places in counts.items() for place, n in places.items()}
    return cells


def same_as_ledger(entries: list[LedgerEntry]) -> None:
    for span in ("hour", "day", "month"):
        assert found_paces(span) == expected_paces(span, entries), span
        for rollup in ROLLUPS:
            if rollup not in (CacheCell, PaceCell):
                assert found(rollup, span) == expected(rollup, span, entries), (rollup.__name__, span)
