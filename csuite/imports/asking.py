"""What people ask of an import: begin it, say which column is which, commit it, undo it, throw it away."""

import hashlib
from collections.abc import Mapping
from uuid import UUID

from django.db import IntegrityError, transaction

from csuite.imports import mapping, running
from csuite.imports.mapping import Chosen
from csuite.imports.models import ImportChange, ImportFile, ImportRun
from csuite.imports.targets import Target
from csuite.tenants import limits
from csuite.tenants.models import Membership, Role
from csuite.tenants.problems import Problem

EXPENSIVE_ROWS = 10_000  # a committed import of more counts as a large operation (tenants/limits.py)
SMALL_FILE = 256 * 1024  # bytes that are read while the person waits; a worker takes the rest
SMALL_TABLE = 2000  # rows, likewise
UNFINISHED = 20  # imports that a person may have begun and left
NAME_LENGTH = 200
Status = ImportRun.Status


def begin(member: Membership, target: Target, name: str, data: bytes) -> tuple[ImportRun, bool]:
    """(the run, whether it is new). The same file again leads to the import that has it already."""
    digest = hashlib.sha256(data).hexdigest()
    there = ImportRun.objects.filter(target=target.key, digest=digest, status__in=(Status.WRITING, Status.DONE)).first()
    mine = ImportRun.objects.filter(user=member.user_id, status__in=(Status.MAPPING, Status.CHECKED))
    there = there or mine.filter(target=target.key, digest=digest).first()
    if there is not None:
        return there, False
    if mine.count() >= UNFINISHED:
        raise Problem("queue_full", f"You have {UNFINISHED} imports that are not finished. Finish or discard one.")
    run = ImportRun(target=target.key, user=member.user_id, file_name=name[:NAME_LENGTH], digest=digest, size=len(data))
    run.save()
    ImportFile(run=run, content=data).save()
    return run, True


def run_of(run_id: UUID) -> ImportRun:
    """Raises Problem("not_found")."""
    found: ImportRun | None = ImportRun.objects.filter(id=run_id).first()
    if found is None:
        raise Problem("not_found", "There is no such import.")
    return found


def may_change(member: Membership, run: ImportRun) -> bool:
    """Who began it, and the company's administrators."""
    return run.user == member.user_id or member.role == Role.ADMIN


def held_for(member: Membership, run_id: UUID, *statuses: str) -> ImportRun:
    """The run, held until the request ends. Raises Problem: not_found, forbidden, or not in such a state."""
    run = run_of(run_id)
    if not may_change(member, run):
        raise Problem("forbidden", "Only who began this import, or an administrator, can do that.")
    held: ImportRun | None = ImportRun.objects.select_for_update(skip_locked=True).filter(id=run_id).first()
    if held is None or held.status not in statuses:
        raise Problem("bad_frame", "The import has moved on meanwhile. Look at it again.")
    return held


def choose(run: ImportRun, said: Chosen) -> dict[str, str]:
    """Takes the mapping and has the rows checked; what is wrong with it otherwise (mapping.faults)."""
    wrong = mapping.faults(said, run.columns, running.target_for(run).fields(run.columns))
    if not wrong:
        run.step(Status.CHECKING, mapping=said.to_json(), errors=[], wrong=0, preview=[], counts={}, message="")
    return wrong


def commit(member: Membership, run: ImportRun) -> None:
    """Raises Problem: rows are wrong, too many large imports, or another one has the same file."""
    if run.wrong:
        raise Problem("bad_frame", "Some rows cannot be imported. Nothing is imported until all can be.")
    if run.rows > EXPENSIVE_ROWS:
        limits.take_expensive(member)
    try:
        with transaction.atomic():
            run.step(Status.WRITING)
    except IntegrityError:
        raise Problem("id_reused", "This file is imported already.") from None


def can_undo(run: ImportRun) -> bool:
    return run.status == Status.DONE and ImportChange.objects.filter(run=run).exists()


def is_small(run: ImportRun) -> bool:
    """Whether the step that waits is quick enough to be done while the person waits."""
    return run.size <= SMALL_FILE and (run.status == Status.READING or run.rows <= SMALL_TABLE)


def chosen_from(form: Mapping[str, str], columns: int) -> Chosen:
    """The mapping form: `field-3` is the field of the fourth column, `way-3` how it is written."""
    fields = {place: form.get(f"field-{place}", "") for place in range(columns)}
    ways = {place: form.get(f"way-{place}", "") for place in range(columns)}
    return Chosen(
        {place: key for place, key in fields.items() if key}, {place: way for place, way in ways.items() if way}
    )
