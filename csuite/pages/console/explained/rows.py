"""The settings that are rows: the platform's, and what companies have otherwise."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Model
from django.urls import reverse

from csuite.pages.console.explained.changes import Change, Key, keys_of, latest, newest
from csuite.pages.console.explained.record import Explained
from csuite.pages.console.explained.tables import AREAS, MOST, Table
from csuite.pages.console.explained.undoing import can_be_undone
from csuite.tenants.models import Limit, Tenant


def explained() -> Iterator[tuple[str, list[Explained]]]:
    """In the platform's scope."""
    changes = latest()
    for area, table in AREAS.items():
        yield area, [_one(row, table, changes) for row in table.rows()[:MOST]]


def _one(row: Any, table: Table, changes: Mapping[Key, Change]) -> Explained:
    change = newest(changes, keys_of(row))
    value = table.value(row)
    return Explained(
        str(row),
        value or "as in code and environment",
        _source(row, value),
        str(change) if change else _made(row, table),
        table.at_once,
        table.url(row) if table.url else _page(row),
        change.name if change and can_be_undone(change) else "",
    )


def _page(row: Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def _source(row: Model, value: str) -> str:
    tenant = row if isinstance(row, Tenant) else getattr(row, "tenant", None)
    if tenant is not None:
        return f"company {tenant}"
    if isinstance(row, Limit) and row.plan:
        return f"plan {row.plan}"
    return "database" if value else "code"


def _made(row: Model, table: Table) -> str:
    """What the row itself says of it."""
    if table.who is None:
        return ""
    who, at = (getattr(row, name) for name in table.who)
    return f"{who.email if who else 'csuite'}, {at:%Y-%m-%d %H:%M} UTC"
