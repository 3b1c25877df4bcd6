"""Writes what is new or different, a chunk at a time, and remembers each row so that all of it can be undone."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Any
from uuid import UUID, uuid4

import orjson
from django.db import connection
from django.db.models import Model, Q
from psycopg import sql

from csuite.imports.models import ImportChange, ImportRun
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
        names = list(dict.fromkeys(name for shape in {tuple(row) for row in rows} for name in shape))
        which = _key_of(keys)
        there = _there(model, keys, names, rows)
        count = self.counts[str(model._meta.verbose_name_plural)]
        ids: list[UUID] = []
        new: list[dict[str, Any]] = []
        changed: list[tuple[UUID, Mapping[str, Any]]] = []
        log: list[tuple[UUID, Mapping[str, Any] | None, Mapping[str, Any]]] = []
        for row in rows:
            held = there.get(which(row))
            if held is None:
                ids.append(uuid4())
                count["new"] += 1
                new.append({"id": ids[-1], **row})
                log.append((ids[-1], None, row))
                continue
            ids.append(held["id"])
            differ = {name: row[name] for name in row if held[name] != row[name]}
            count["changed" if differ.keys() - along else "same"] += 1
            if differ.keys() - along:
                changed.append((held["id"], differ))
                log.append((held["id"], {name: held[name] for name in differ}, differ))
        if not self.rehearsal:
            _insert(model, new)
            update(model, changed)
            self._remember(model, log)
        return ids

    def _remember(
        self, model: type[Model], log: Sequence[tuple[UUID, Mapping[str, Any] | None, Mapping[str, Any]]]
    ) -> None:
        if log:
            self._place += 1
            rows = [[str(key), None if before is None else plain(before), plain(after)] for key, before, after in log]
            ImportChange(run=self.run, place=self._place, model=model._meta.label_lower, rows=rows).save()


def _there(
    model: type[Model], keys: tuple[str, ...], names: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The rows that exist already, by key. The sieve lets through more than is asked for; the keys tell."""
    wanted = {key: {row[key] for row in rows} for key in keys}
    sieve = Q(**{f"{key}__in": values for key, values in wanted.items()})
    found = model._default_manager.filter(sieve).values("id", *dict.fromkeys((*keys, *names)))
    which = _key_of(keys)
    return {which(row): row for row in found}


def _key_of(keys: tuple[str, ...]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """The values of these keys, as a tuple also where there is one."""
    if len(keys) == 1:
        (key,) = keys
        return lambda row: (row[key],)
    return itemgetter(*keys)


def _insert(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """One statement. Goes past the model's constructor and save(), which take ten times as long."""
    if not rows:
        return
    tenant = current_tenant_id()
    fields = [field for field in model._meta.concrete_fields if field.attname != "tenant_id"]
    defaults = {field.attname: field.get_default() for field in fields}
    given = orjson.dumps([{**defaults, **row} for row in rows], default=str).decode()
    statement = sql.SQL(
        "INSERT INTO {table} (tenant_id, {columns}) SELECT %s, {names} FROM json_to_recordset(%s::json) AS v({types})"
    ).format(
        table=sql.Identifier(model._meta.db_table),
        columns=sql.SQL(", ").join(sql.Identifier(str(field.column)) for field in fields),
        names=sql.SQL(", ").join(sql.SQL("v.{}").format(sql.Identifier(field.attname)) for field in fields),
        types=sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(field.attname), sql.SQL(str(field.db_type(connection))))
            for field in fields
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [tenant, given])


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


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON, the same for a value on its way into the database and on its way out."""
    return {name: value if type(value) in _AS_IT_IS else _plain(value) for name, value in values.items()}


_AS_IT_IS = frozenset((str, bool, int, type(None)))


def _plain(value: Any) -> Any:
    if isinstance(value, str | int):
        return value
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    return value.isoformat() if isinstance(value, date) else str(value)
