"""Takes back exactly what a run wrote, all of it or nothing: what somebody changed or uses since is named instead."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
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
        made[model] += [change.row_id for change in changes if change.before is None]
    used = [line for model in made for line in _users(model, made)]
    if used:
        raise Changed(used[:NAMED], len(used))
    for model, ids in made.items():
        for start in range(0, len(ids), BATCH):  # past Django's own looking for references: that is done above
            model._default_manager.filter(id__in=ids[start : start + BATCH])._raw_delete("default")
    ImportChange.objects.filter(run=run)._raw_delete("default")


def _backwards(run: ImportRun) -> Iterator[tuple[type[Model], list[ImportChange]]]:
    """What was written last comes first; neighbours of one kind together."""
    batch: list[ImportChange] = []
    for change in ImportChange.objects.filter(run=run).order_by("-place").iterator(BATCH):
        if batch and (batch[0].model != change.model or len(batch) >= BATCH):
            yield apps.get_model(batch[0].model), batch
            batch = []
        batch.append(change)
    if batch:
        yield apps.get_model(batch[0].model), batch


def _obstacles(model: type[Model], changes: Sequence[ImportChange], later: dict[UUID, set[str]]) -> Iterator[str]:
    """`later`: fields of rows that the run itself wrote again after these changes."""
    columns = {field.attname: field for field in model._meta.concrete_fields}
    ids = [change.row_id for change in changes]
    rows = {row.pk: row for row in model._default_manager.select_for_update().filter(id__in=ids)}
    kind = str(model._meta.verbose_name)
    for change in changes:
        row, wrote = rows.get(change.row_id), later[change.row_id]
        last = {name: value for name, value in change.after.items() if name not in wrote}
        wrote.update(last)
        if row is None:
            if change.before is not None:
                yield f"{kind.capitalize()} {_name(change.after)} was removed since."
            continue
        now = plain({name: getattr(row, name) for name in last}, columns)
        differ = [str(columns[name].verbose_name) for name in last if now[name] != last[name]]
        if differ:
            yield f"{kind.capitalize()} {row} was changed since ({', '.join(differ)})."


def _name(values: Mapping[str, Any]) -> str:
    return next((str(values[key]) for key in ("name", "number", "reference", "title") if key in values), "")


def _restored(model: type[Model], change: ImportChange) -> tuple[UUID, dict[str, Any]]:
    columns = {field.attname: field for field in model._meta.concrete_fields}
    return change.row_id, {name: columns[name].to_python(value) for name, value in (change.before or {}).items()}


def _users(model: type[Model], made: Mapping[type[Model], Sequence[UUID]]) -> Iterator[str]:
    """Rows that point at what is to go and do not go themselves."""
    for relation in model._meta.related_objects:
        other, field = relation.related_model, relation.field
        if not isinstance(field, TenantForeignKey):
            continue
        going, theirs = made[model], set(made.get(other, ()))
        for start in range(0, len(going), BATCH):
            rows = other._default_manager.filter(**{f"{field.attname}__in": going[start : start + BATCH]})
            for row in rows.select_related(field.name).iterator(BATCH):
                if row.pk not in theirs:
                    used = getattr(row, field.name)
                    yield (
                        f"{str(model._meta.verbose_name).capitalize()} {used} is used by"
                        f" {other._meta.verbose_name} {row}."
                    )
