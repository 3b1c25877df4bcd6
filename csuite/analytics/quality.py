"""How models answer, against what csuite promises: one record for each figure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from csuite.analytics.queries.report import Answer
from csuite.analytics.ratings import Ratings


@dataclass(frozen=True, slots=True)
class Target:
    """`limit` is the most (`most`) or the least a figure should be, in the figure's own unit."""

    figure: str
    label: str
    limit: float
    most: bool
    said: str
    show: Callable[[float], str]

    def met(self, value: float) -> bool:
        return value <= self.limit if self.most else value >= self.limit


def _percent(value: float) -> str:
    return f"{value * 100:.1f}%"


TARGETS = (
    Target("ttft_ms_p95", "First text, 95 of 100", 3000, True, "3 s at most", lambda v: f"{v / 1000:.2f} s"),
    Target("tokens_per_second", "Tokens per second", 20, False, "20 at least", lambda v: f"{v:.0f}"),
    Target("error_rate", "Errors", 0.01, True, "under 1%", _percent),
    Target("uptime", "Uptime", 0.99, False, "over 99%", _percent),
    Target("completion_rate", "Whole answers", 0.98, False, "98% at least", _percent),
    Target("json_valid_rate", "Valid JSON", 0.99, False, "99% at least", _percent),
)


CSAT = Target("csat", "Satisfaction (CSAT)", 0.8, False, "80% at least", _percent)
CACHE_HITS = Target("hit_rate", "Cache hits", 0.1, False, "10% at least", _percent)


@dataclass(frozen=True, slots=True)
class Cell:
    """`state`: good, bad, or empty where nothing was measured."""

    shown: str
    state: str


def table(found: Answer) -> list[dict[str, Any]]:
    """One line for each provider and one for all, with a cell for each target."""
    rows = [{"label": row["provider"], "calls": row["calls"], "cells": _cells(row)} for row in _once(found.rows)]
    if len(rows) > 1:
        rows.append({"label": "All", "calls": found.totals["calls"], "cells": _cells(found.totals)})
    return rows


@dataclass(frozen=True, slots=True)
class Whole:
    """A figure of the company that has no provider."""

    target: Target
    cell: Cell


def whole(rated: Ratings, savings: Answer) -> list[Whole]:
    """What readers and caches say; in words where there is nothing to count yet."""
    return [
        Whole(CSAT, _cell(CSAT, rated.csat, "no ratings yet")),
        Whole(CACHE_HITS, _cell(CACHE_HITS, savings.totals["hit_rate"], "cache is not in use")),
    ]


def _once(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Quality has no currency: of a provider paid in two the larger part stands for it."""
    best: dict[str, dict[str, Any]] = {}
    for row in rows:
        name = row["provider"]
        if name not in best or row["calls"] > best[name]["calls"]:
            best[name] = row
    return sorted(best.values(), key=lambda row: -row["calls"])


def _cells(row: dict[str, Any]) -> list[Cell]:
    return [_cell(target, row.get(target.figure), "not measured") for target in TARGETS]


def _cell(target: Target, value: Any, otherwise: str) -> Cell:
    if value is None:
        return Cell(otherwise, "")
    number = float(value)
    return Cell(target.show(number), "good" if target.met(number) else "bad")
