"""The steps of an import that take time: reading, checking, writing, undoing. Each is one transaction, or nothing.

Whoever holds the run's row works on it: a worker that dies lets go of it with its connection, and what it did is
gone. So a step that is begun twice, or again after a crash, leaves what one alone would have left.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from django.core.cache import cache
from django.db import connection

from csuite.imports import undoing
from csuite.imports.converting import readers, records
from csuite.imports.mapping import Chosen
from csuite.imports.models import ImportFile, ImportRun
from csuite.imports.reading import Refused, Table, read_file
from csuite.imports.reading.columns import columns_of
from csuite.imports.targets import Context, Field, Record, Sink, Target, Wrong, target_of
from csuite.imports.writing import RowWriter
from csuite.tenants.access import living_membership
from csuite.tenants.audit import record
from csuite.tenants.models import Tenant, User
from csuite.tenants.scope import current_tenant_id, tenant_scope

log = structlog.get_logger(__name__)

CHUNK = 2000  # rows between two looks at the progress
MOST_ATTEMPTS = 3
ERRORS_KEPT = 200
PREVIEWED = 10
Status = ImportRun.Status
Announce = Callable[[UUID], None]


class NotWritable(Exception):
    """Rows that were fine when they were checked are not any more."""

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        super().__init__(f"{len(wrong)} rows")
        self.wrong = wrong


def work(tenant: UUID, run_id: UUID) -> None:
    """Does the step that the run waits for; nothing if somebody is at it. Outside any scope."""
    status = _begin(tenant, run_id)
    if status is None:
        return
    try:
        with tenant_scope(tenant):
            run = _held(run_id)
            if run is None or run.status != status:
                return
            with _uncollected():
                announce = _STEPS[status](run)
    except Refused as refused:
        _end(tenant, run_id, Status.FAILED, message=str(refused))
    except NotWritable as error:
        _end(tenant, run_id, Status.CHECKED, **_told(error.wrong))
    except undoing.Changed as changed:
        more = f" And {changed.count - len(changed.what)} more." if changed.count > len(changed.what) else ""
        _end(tenant, run_id, Status.DONE, message=f"Not undone: nothing was changed. {changed}{more}")
    except Exception:  # the sweeper begins it again, up to MOST_ATTEMPTS
        log.exception("import_step_failed", run=str(run_id), step=status)
    else:
        if announce is not None:
            announce(tenant)


@contextmanager
def _uncollected() -> Iterator[None]:
    """A table of a million cells has no cycles, and looking for them again and again takes a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _held(run_id: UUID) -> ImportRun | None:
    """The run, held until the transaction ends; None if somebody else holds it."""
    found: ImportRun | None = (
        ImportRun.objects.select_for_update(skip_locked=True, of=("self",)).filter(id=run_id).first()
    )
    return found


def _begin(tenant: UUID, run_id: UUID) -> str | None:
    """Counts the attempt, for good. None if there is nothing to do."""
    with tenant_scope(tenant):
        run = _held(run_id)
        if run is None or not run.is_busy:
            return None
        if run.attempts >= MOST_ATTEMPTS:
            log.error("import_given_up", run=str(run_id), step=run.status)
            back = Status.DONE if run.status == Status.UNDOING else Status.FAILED
            run.step(back, message="It could not be finished, for a reason on our side. Nothing was changed.")
            return None
        if living_membership(run.user, tenant) is None:  # she left, or her company is suspended
            run.step(Status.FAILED, message="Who began it is no longer a member. Nothing was changed.")
            return None
        run.attempts += 1
        run.save(update_fields=["attempts"])
        return run.status


def _end(tenant: UUID, run_id: UUID, status: str, **fields: Any) -> None:
    with tenant_scope(tenant):
        ImportRun.objects.select_for_update().get(id=run_id).step(status, **fields)


def _told(wrong: Sequence[Wrong]) -> dict[str, Any]:
    shown = [{"row": one.row, "column": one.column, "message": one.message} for one in wrong[:ERRORS_KEPT]]
    return {"wrong": len({one.row for one in wrong}), "errors": shown}


def progress(run: ImportRun) -> int:
    """Per cent of the step that runs."""
    return int(cache.get(_progress_key(run)) or 0)


def _progress_key(run: ImportRun) -> str:
    return f"import-progress:{run.id}:{run.status}"


def _tell(run: ImportRun, done: int, total: int) -> None:
    cache.set(_progress_key(run), min(99, done * 100 // max(total, 1)), 3600)


def _read(run: ImportRun) -> None:
    file = ImportFile.objects.get(run=run)
    table = read_file(run.file_name, bytes(file.content))
    columns = [column.to_json() for column in columns_of(table)]
    file.content, file.is_table = table.pack(), True
    file.save()
    run.step(Status.MAPPING, about=table.about[:300], columns=columns, rows=len(table.rows))


def _check(run: ImportRun) -> None:
    """Does all that writing does, except that it writes nothing."""
    whole = _Whole(run)
    writer = RowWriter(run, rehearsal=True)
    wrong = whole.pour(writer)
    run.step(Status.CHECKED, counts=dict(writer.counts), preview=whole.preview, message="", **_told(wrong))


def _write(run: ImportRun) -> Announce:
    _alone()
    whole = _Whole(run)
    writer = RowWriter(run, rehearsal=False)
    wrong = whole.pour(writer)
    if wrong:
        raise NotWritable(wrong)
    counts = dict(writer.counts)
    run.step(Status.DONE, counts=counts, message="")
    ImportFile.objects.filter(run=run).delete()
    record("import.committed", user=_user(run), target=str(run.id), kind=run.target, file=run.file_name,
           rows=run.rows, counts=counts)  # fmt: skip
    return whole.sink.announce


def _undo(run: ImportRun) -> Announce:
    _alone()
    undoing.undo(run)
    run.step(Status.UNDONE, message="")
    record("import.undone", user=_user(run), target=str(run.id), kind=run.target, file=run.file_name)
    return sink_of(run).announce


def _alone() -> None:
    """One import of a company writes at a time: two that make the same customer would stop each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"import:{current_tenant_id()}"])


def _user(run: ImportRun) -> User | None:
    return User.objects.filter(pk=run.user).first()


_STEPS: dict[str, Callable[[ImportRun], Announce | None]] = {
    Status.READING: _read,
    Status.CHECKING: _check,
    Status.WRITING: _write,
    Status.UNDOING: _undo,
}


def target_for(run: ImportRun) -> Target:
    """Raises Refused when the product no longer knows this kind."""
    found = target_of(run.target)
    if found is None:
        raise Refused("This kind of import is no longer known.")
    return found


def sink_of(run: ImportRun) -> Sink:
    tenant = Tenant.objects.get(pk=current_tenant_id())
    chosen = Chosen.from_json(run.mapping)
    return target_for(run).sink(
        Context(
            currency=tenant.currency,
            user=run.user,
            source=run.file_name,
            today=tenant.today(),
            headings={key: run.columns[place]["heading"] for place, key in chosen.fields.items()},
            columns={key: run.columns[place] for place, key in chosen.fields.items()},
        )
    )


class _Whole:
    """The table of a run, on its way through the mapping into the sink."""

    def __init__(self, run: ImportRun) -> None:
        self.run, self.sink = run, sink_of(run)
        target = target_for(run)
        fields: Sequence[Field] = target.fields(run.columns)
        currency = Tenant.objects.values_list("currency", flat=True).get(pk=current_tenant_id())
        self.table = Table.unpack(bytes(ImportFile.objects.get(run=run).content))
        chosen = readers(Chosen.from_json(run.mapping), run.columns, fields, currency)
        self.preview: list[dict[str, Any]] = []
        self._keys = [reader.field.key for reader in chosen]
        self._rows = records(self.table, chosen, target.keys)

    def pour(self, writer: RowWriter) -> list[Wrong]:
        """Everything that is wrong. A rehearsal goes on after an error, to name them all."""
        wrong: list[Wrong] = []
        chunk: list[Record] = []
        for done, found in enumerate(self._rows, 1):
            if isinstance(found, Record):
                chunk.append(found)
                self._show(found)
            else:
                wrong += found
            if len(chunk) >= CHUNK:
                wrong += self.sink.take(chunk, writer)
                chunk = []
                _tell(self.run, done, len(self.table.rows))
            if wrong and not writer.rehearsal:
                return wrong
        if chunk:
            wrong += self.sink.take(chunk, writer)
        return sorted(wrong, key=lambda one: one.row)

    def _show(self, found: Record) -> None:
        if len(self.preview) < PREVIEWED:
            values = [found.values.get(key) for key in self._keys]
            self.preview.append({"row": found.row, "values": [_shown(value) for value in values]})


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return "" if value is None else str(value)
