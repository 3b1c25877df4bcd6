"""Puts a row of the admin back to what an audit entry says it was."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import NestedObjects
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import Model, Q
from django.http import HttpRequest

from csuite.pages.console.explained.changes import kind_of
from csuite.pages.console.explained.tables import AREAS
from csuite.tenants.admin_audit import values
from csuite.tenants.audit import HIDDEN, difference
from csuite.tenants.models import Tenant, User

# By what the audits name whom a flag is for.
NAMES: dict[type[Model], tuple[str, ...]] = {Tenant: ("slug", "name"), User: ("email",), Group: ("name",)}


class NotUndone(Exception):
    """Nothing was changed; the text says why, for the person who tried."""


def row_of(detail: Mapping[str, Any]) -> Model | None:
    """Locked. None for one that is gone, or of a table whose rows are no settings."""
    for table in AREAS.values():
        if kind_of(table.model) == detail.get("model"):
            return table.model._base_manager.select_for_update(of=("self",)).filter(pk=detail.get("id")).first()
    return None


def restore(request: HttpRequest, row: Model | None, detail: Mapping[str, Any]) -> str:
    """Gives the row's name. Raises NotUndone, PermissionDenied."""
    if row is None:
        raise NotUndone("It is gone.")
    page: Any = admin.site.get_model_admin(type(row))
    if not page.has_change_permission(request, row):
        raise PermissionDenied
    before, after = detail["before"], detail["after"]
    old, named = values(row), {**before, **after}
    if _differs(row, after, named):
        raise NotUndone("It is no more as that change left it.")
    on_page = page.get_form(request, row).base_fields
    wanted = {name: before.get(name) for name in named if name in on_page}
    if not wanted or HIDDEN in wanted.values() or any(_was_cut(value) for value in wanted.values()):
        raise NotUndone("The audit does not hold what it was.")
    try:
        with transaction.atomic():
            put(row, wanted)
            row.full_clean()
            page.save_model(request, row, None, True)
            _name(row, wanted)
    except (ValidationError, IntegrityError) as error:
        raise NotUndone(f"It would not be valid any more: {'; '.join(_words(error))}") from error
    fresh = type(row)._base_manager.get(pk=row.pk)
    if _differs(fresh, wanted, wanted):
        raise NotUndone("The database did not keep it.")
    request._csuite_before = {str(row.pk): old}  # type: ignore[attr-defined]
    page.log_change(request, fresh, "Undone: the change before.")
    return f"{row._meta.verbose_name} {row}"


def remove(request: HttpRequest, row: Model | None, detail: Mapping[str, Any]) -> str:
    """Takes a row that was added away again, as long as nothing builds on it. Raises NotUndone, PermissionDenied."""
    if row is None:
        raise NotUndone("It is gone.")
    page: Any = admin.site.get_model_admin(type(row))
    if not page.has_change_permission(request, row):
        raise PermissionDenied
    if _differs(row, detail["after"], {**values(row), **detail["after"]}):
        raise NotUndone("It is no more as it was added.")
    if _is_built_on(row):
        raise NotUndone("Other rows build on it by now.")
    said = f"{row._meta.verbose_name} {row} was added"
    page.log_deletions(request, [row])
    row.delete()
    return said


def _is_built_on(row: Model) -> bool:
    """Whether other rows would go with it, or keep it; whom a flag names is its own."""
    found: Any = NestedObjects(using="default", origin=row)
    found.collect([row])
    with_it = {model for model in found.model_objs if not model._meta.auto_created}
    return bool(found.protected) or with_it != {type(row)}


def put(row: Model, wanted: Mapping[str, Any]) -> None:
    """Sets plain fields from what an audit says of them."""
    for name, value in wanted.items():
        field: Any = row._meta.get_field(name)
        if not field.many_to_many:
            setattr(row, field.attname, field.to_python(value))


def _name(row: Model, wanted: Mapping[str, Any]) -> None:
    """Sets whom a flag names."""
    for field in row._meta.many_to_many:
        if field.name in wanted:
            getattr(row, field.name).set(_all(field.related_model, wanted[field.name]))


def _all(model: Any, names: list[str] | None) -> list[Model]:
    """Raises NotUndone for somebody who cannot be told from others by now."""
    rows: list[Model] = []
    for name in names or ():
        by = Q()
        for column in NAMES[model]:
            by |= Q(**{column: name})
        found = list(model.objects.filter(by)[:2])
        if len(found) != 1:
            raise NotUndone(f"{name} is not known any more, or not the only one of that name.")
        rows.append(found[0])
    return rows


def _differs(row: Model, said: Mapping[str, Any], names: Iterable[str]) -> bool:
    """Whether the row is another than an audit says."""
    now = json.loads(json.dumps(difference({}, values(row))[1], cls=DjangoJSONEncoder))
    return any(not _same(row, row._meta.get_field(name), now.get(name), said.get(name)) for name in names)


def _same(row: Model, field: Any, now: Any, said: Any) -> bool:
    if field.many_to_many:
        named = {other.pk for other in _all(field.related_model, said)}
        return named == set(getattr(row, field.name).values_list("pk", flat=True))
    return bool(_plain(field, now) == _plain(field, said))


def _plain(field: Any, value: Any) -> Any:
    """10 and "10.0" are one percentage."""
    return value if value in (None, "", HIDDEN) else field.to_python(value)


def _was_cut(value: Any) -> bool:
    return isinstance(value, str) and value.endswith("…")


def _words(error: ValidationError | IntegrityError) -> list[str]:
    return list(error.messages) if isinstance(error, ValidationError) else ["there is another one like it"]
