"""An answer in the words of the interface: JSON values, CSV lines."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from typing import Any

from csuite.analytics.export import lines
from csuite.analytics.queries.asking import Ask, keys_of, stamp
from csuite.analytics.queries.columns import money, shown
from csuite.analytics.queries.report import Answer, Query, answer
from csuite.tenants.db import in_db

BATCH = 2000  # rows of a CSV in one transaction


def as_json(query: Query, ask: Ask, found: Answer) -> dict[str, Any]:
    return {
        "period": {"from": stamp(ask.since), "to": stamp(ask.until), "granularity": ask.granularity or None},
        "currency": found.currency,
        "rows": [_figures(query, row) for row in found.rows],
        "totals": {
            **_figures(query, found.totals),
            "other_costs": [{**one, "cost": money(one["cost"])} for one in found.totals["other_costs"]],
        },
        "unpriced_calls": found.unpriced_calls,
        "next": found.next,
    }


def _figures(query: Query, row: dict[str, Any]) -> dict[str, Any]:
    return row | {column.name: shown(column, row.get(column.name)) for column in query.columns}


def header(query: Query, ask: Ask) -> list[str]:
    keys = query.group(ask.group).keys
    return [*(["period"] if ask.granularity else []), *keys, "currency", *(column.name for column in query.columns)]


def batch(query: Query, ask: Ask) -> tuple[str, str | None]:
    """CSV of the next rows, and the cursor of those after them."""
    names = header(query, ask)
    found = answer(query, ask)
    rows: Iterable[dict[str, Any]] = (_figures(query, row) for row in found.rows)
    return lines([[row.get(name) for name in names] for row in rows]), found.next


async def as_csv(query: Query, ask: Ask, **scope: Any) -> AsyncIterator[str]:
    """All rows, a batch at a time; `scope` is that of in_db."""
    ask = replace(ask, limit=BATCH)
    names = header(query, ask)
    yield lines([names])
    while True:
        text, cursor = await in_db(batch, query, ask, **scope)
        yield text
        if cursor is None:
            return
        keys = len(query.group(ask.group).keys) + 1 + bool(ask.granularity)
        ask = replace(ask, after=keys_of(cursor, keys))
