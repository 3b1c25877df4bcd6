"""Writes what is new or different, a chunk at a time, and remembers each row so that all of it can be undone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Field as Column
from django.db.models import Model, Q
from psycopg import sql

from csuite.imports.models import ImportChange, ImportRun
from csuite.tenants.models import TenantOwned
from csuite.tenants.scope import current_tenant_id

BATCH = 2000  # rows of one statement


class RowWriter:
    """In a rehearsal nothing is written: rows that would be new have ids already, so that others can point at them.

    `counts`: per kind of row (its plural name), how many are new, changed and the same.
    """

    def __init__(self, run: ImportRun, *, rehearsal: bool) -> None:
        self.run, self.rehearsal = run, rehearsal
        self.counts: dict[str, dict[str, int]] = defaultdict(lambda: {"new": 0, "changed": 0, "same": 0})
        self._place = 0

    def put(
        self, model: type[Model], keys: Sequence[str], rows: Sequence[Mapping[str, Any]], *, along: Sequence[str] = ()
    ) -> list[UUID]:
        """Makes or changes a row for each mapping of attnames (`customer_id`) to values; gives the id of each.

        `keys` say which row it is; no two of `rows` may have the same. What is named in `along` makes no difference by
        itself: it is set together with what does.
        """
        ids: list[UUID] = []
        for start in range(0, len(rows), BATCH):
            ids += self._batch(model, tuple(keys), rows[start : start + BATCH], frozenset(along))
        return ids

    def _batch(
        self, model: type[Model], keys: tuple[str, ...], rows: Sequence[Mapping[str, Any]], along: frozenset[str]
    ) -> list[UUID]:
        columns = {field.attname: field for field in model._meta.concrete_fields}
        names = list(dict.fromkeys(name for row in rows for name in row))
        there = _there(model, keys, names, rows)
        count = self.counts[str(model._meta.verbose_name_plural)]
        ids, new, changed, changes = [], [], [], []
        for row in rows:
            held = there.get(tuple(row[key] for key in keys))
            if held is None:
                made = model(id=uuid4(), tenant_id=current_tenant_id(), **row)
                ids.append(made.pk)
                new.append(made)
                count["new"] += 1
                changes.append(self._change(model, made.pk, None, row, columns))
                continue
            ids.append(held["id"])
            differ = {name: row[name] for name in row if held[name] != row[name]}
            count["changed" if differ.keys() - along else "same"] += 1
            if differ.keys() - along:
                changed.append((held["id"], differ))
                before = {name: held[name] for name in differ}
                changes.append(self._change(model, held["id"], before, differ, columns))
        if not self.rehearsal:
            _insert(model, new)
            update(model, changed)
            _insert(ImportChange, changes)
        return ids

    def _change(
        self,
        model: type[Model],
        row: UUID,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any],
        columns: Mapping[str, "Column[Any, Any]"],
    ) -> ImportChange:
        self._place += 1
        return ImportChange(
            tenant_id=self.run.tenant_id,
            run=self.run,
            place=self._place,
            model=model._meta.label_lower,
            row_id=row,
            before=None if before is None else plain(before, columns),
            after=plain(after, columns),
        )


def _there(
    model: type[Model], keys: tuple[str, ...], names: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The rows that exist already, by key. The sieve lets through more than is asked for; the keys tell."""
    wanted = {key: {row[key] for row in rows} for key in keys}
    sieve = Q(**{f"{key}__in": values for key, values in wanted.items()})
    found = model._default_manager.filter(sieve).values("id", *dict.fromkeys((*keys, *names)))
    return {tuple(row[key] for key in keys): row for row in found}


def _insert(model: type[Model], rows: Sequence[Model]) -> None:
    for row in rows:
        if isinstance(row, TenantOwned):
            row.claim()
    if rows:
        model._default_manager.bulk_create(rows, batch_size=BATCH)


def update(model: type[Model], rows: Sequence[tuple[UUID, Mapping[str, Any]]]) -> None:
    """One statement for rows that change in the same fields. (bulk_update takes a hundred times as long.)"""
    alike: dict[tuple[str, ...], list[tuple[UUID, Mapping[str, Any]]]] = defaultdict(list)
    for key, values in rows:
        alike[tuple(sorted(values))].append((key, values))
    columns = {field.attname: field for field in model._meta.concrete_fields}
    for names, group in alike.items():
        given = [[key for key, _ in group]]
        types = ["uuid"]
        for name in names:
            field = columns[name]
            given.append([field.get_db_prep_save(values[name], connection) for _, values in group])
            types.append(str(field.db_type(connection)))
        _run_update(model, [str(columns[name].column) for name in names], types, given)


def _run_update(model: type[Model], names: Sequence[str], types: Sequence[str], given: Sequence[Sequence[Any]]) -> None:
    arrays = sql.SQL(", ").join(sql.SQL("%s::{}[]").format(sql.SQL(kind)) for kind in types)
    statement = sql.SQL(
        "UPDATE {table} AS t SET {sets} FROM unnest({arrays}) AS v({names}) WHERE t.id = v.key AND t.tenant_id = %s"
    ).format(
        table=sql.Identifier(model._meta.db_table),
        sets=sql.SQL(", ").join(sql.SQL("{0} = v.{0}").format(sql.Identifier(name)) for name in names),
        arrays=arrays,
        names=sql.SQL(", ").join(sql.Identifier(name) for name in ("key", *names)),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*map(list, given), current_tenant_id()])


def plain(values: Mapping[str, Any], columns: Mapping[str, "Column[Any, Any]"]) -> dict[str, Any]:
    """As JSON, in the form in which the database gives the value back."""
    return {name: _plain(columns[name].to_python(value)) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
