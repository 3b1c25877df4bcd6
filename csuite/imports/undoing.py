"""Takes back exactly what a run wrote, all of it or nothing: what somebody changed or uses since is named instead."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Model

from csuite.imports.models import ImportChange, ImportRun
from csuite.imports.writing import plain, update
from csuite.tenants.models import TenantForeignKey

BATCH = 2000
NAMED = 20  # of the obstacles are told


class Changed(Exception):
    """Somebody changed or uses what was imported. `what`: a sentence for each row, the first ones; `count`: all."""

    def __init__(self, what: Sequence[str], count: int) -> None:
        super().__init__(" ".join(what))
        self.what, self.count = list(what), count


@dataclass(frozen=True, slots=True)
class Change:
    """One row that was written; `before` is None if it was not there."""

    row: UUID
    before: dict[str, Any] | None
    after: dict[str, Any]


def undo(run: ImportRun) -> None:
    """In the tenant's scope, one transaction. Raises Changed, and then nothing is to be kept."""
    obstacles: list[str] = []
    count = 0
    later: dict[UUID, set[str]] = defaultdict(set)
    for model, changes in _backwards(run):
        for obstacle in _obstacles(model, changes, later):
            count += 1
            if len(obstacles) < NAMED:
                obstacles.append(obstacle)
    if count:
        raise Changed(obstacles, count)
    made: dict[type[Model], list[UUID]] = defaultdict(list)
    for model, changes in _backwards(run):
        update(model, [_restored(model, change) for change in changes if change.before is not None])
        made[model] += [change.row for change in changes if change.before is None]
    for model, ids in made.items():
        _let_go(model, ids)
    used = [line for model in made for line in _users(model, made)]
    if used:
        raise Changed(used[:NAMED], len(used))
    for model, ids in made.items():
        for start in range(0, len(ids), BATCH):  # past Django's own looking for references: that is done above
            model._default_manager.filter(id__in=ids[start : start + BATCH])._raw_delete("default")
    ImportChange.objects.filter(run=run)._raw_delete("default")


def _backwards(run: ImportRun) -> Iterator[tuple[type[Model], list[Change]]]:
    """What was written last comes first."""
    for kept in ImportChange.objects.filter(run=run).order_by("-place").iterator(20):
        rows = [Change(UUID(row), before, after) for row, before, after in reversed(kept.rows)]
        yield apps.get_model(kept.model), rows


def _obstacles(model: type[Model], changes: Sequence[Change], later: dict[UUID, set[str]]) -> Iterator[str]:
    """`later`: fields of rows that the run itself wrote again after these changes."""
    columns = {field.attname: field for field in model._meta.concrete_fields}
    names = list(dict.fromkeys(name for change in changes for name in change.after))
    ids = [change.row for change in changes]
    locked = model._default_manager.select_for_update().filter(id__in=ids).values("id", *names)
    rows = {row.pop("id"): plain(row) for row in locked}
    kind = str(model._meta.verbose_name)
    for change in changes:
        now, wrote = rows.get(change.row), later[change.row]
        last = {name: value for name, value in change.after.items() if name not in wrote}
        wrote.update(last)
        if now is None:
            if change.before is not None:
                yield f"{kind.capitalize()} {_name(change.after)} was removed since."
            continue
        differ = [str(columns[name].verbose_name) for name in last if now[name] != last[name]]
        if differ:
            row = model._default_manager.get(pk=change.row)
            yield f"{kind.capitalize()} {row} was changed since ({', '.join(differ)})."


def _name(values: Mapping[str, Any]) -> str:
    return next((str(values[key]) for key in ("name", "number", "reference", "title") if key in values), "")


def _restored(model: type[Model], change: Change) -> tuple[UUID, dict[str, Any]]:
    columns = {field.attname: field for field in model._meta.concrete_fields}
    return change.row, {name: columns[name].to_python(value) for name, value in (change.before or {}).items()}


def _let_go(model: type[Model], going: Sequence[UUID]) -> None:
    """Empties references whose rows do not hold what they name: `lets_go` of their model."""
    for relation in model._meta.related_objects:
        other, field = relation.related_model, relation.field
        if isinstance(field, TenantForeignKey) and field.name in getattr(other, "lets_go", ()):
            for start in range(0, len(going), BATCH):
                named = {f"{field.attname}__in": going[start : start + BATCH]}
                other._default_manager.filter(**named).update(**{field.name: None})


def _users(model: type[Model], made: Mapping[type[Model], Sequence[UUID]]) -> Iterator[str]:
    """Rows that point at what is to go and do not go themselves."""
    for relation in model._meta.related_objects:
        other, field = relation.related_model, relation.field
        if not isinstance(field, TenantForeignKey):
            continue
        going, theirs = made[model], set(made.get(other, ()))
        for start in range(0, len(going), BATCH):
            rows = other._default_manager.filter(**{f"{field.attname}__in": going[start : start + BATCH]})
            strangers = [key for key in rows.values_list("pk", flat=True) if key not in theirs]
            for row in other._default_manager.filter(pk__in=strangers[:NAMED]).select_related(field.name):
                used, what = getattr(row, field.name), str(model._meta.verbose_name).capitalize()
                yield f"{what} {used} is used by {other._meta.verbose_name} {row}."
