"""Writing the ledger. A row that cannot be written never costs the answer: it goes to the log, for replay."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from django.db import models

from csuite.analytics import metrics
from csuite.analytics.models import LedgerEntry
from csuite.tenants.db import in_db
from csuite.tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

WRITE_SECONDS = 5.0  # how long an answer's end may wait for the database
MARK = '{"ledger_entry": '
_writing: set[asyncio.Task[None]] = set()


def insert(entries: Sequence[LedgerEntry]) -> None:
    """Inside the tenant's scope. An entry that is there already stays as it is."""
    for entry in entries:
        entry.claim()
    LedgerEntry.objects.bulk_create(entries, ignore_conflicts=True)


async def write(entry: LedgerEntry) -> None:
    """Returns when the row is stored, or is in the log because it could not be. Never raises an error.

    A cancelled caller stops waiting; the writing goes on.
    """
    task = asyncio.ensure_future(_write(entry))
    _writing.add(task)
    task.add_done_callback(_writing.discard)
    await asyncio.shield(task)


async def _write(entry: LedgerEntry) -> None:
    try:
        async with asyncio.timeout(WRITE_SECONDS):
            await in_db(insert, [entry], tenant=entry.tenant_id)
    except asyncio.CancelledError:
        lose(entry, "the process ended")
        raise
    except Exception as error:
        # Whatever it is: the answer was paid for and is on the screen. The row may still arrive; replay is safe.
        lose(entry, f"{type(error).__name__}: {error}")


def lose(entry: LedgerEntry, why: str) -> None:
    metrics.ledger_lost.inc()
    log.error("a ledger row could not be written; keep this line for replay_ledger", why=why[:500])
    log.error(to_json(entry))


def to_json(entry: LedgerEntry) -> str:
    """One line that `entries_in` reads back."""
    row = {field.attname: getattr(entry, field.attname) for field in _columns()}
    return json.dumps({"ledger_entry": row}, default=str)


def _columns() -> Iterable["models.Field[Any, Any]"]:
    return LedgerEntry._meta.concrete_fields


def entries_in(lines: Iterable[str]) -> Iterator[LedgerEntry | str]:
    """The rows within the lines of a log, whatever stands around them; a sentence for each broken one."""
    for number, line in enumerate(lines, 1):
        text = _unescaped(line)
        at = text.find(MARK)
        if at < 0:
            continue
        try:
            found, _ = json.JSONDecoder(parse_float=Decimal).raw_decode(text, at)
            row = found["ledger_entry"]
            yield LedgerEntry(**{field.attname: field.to_python(row[field.attname]) for field in _columns()})
        except Exception as error:
            yield f"line {number} holds a broken ledger row: {error}"


def _unescaped(line: str) -> str:
    """The event of a log line in JSON, else the line."""
    if MARK not in line and line.lstrip().startswith("{"):
        try:
            return str(json.loads(line).get("event", ""))
        except ValueError:
            return line
    return line


def replay(entry: LedgerEntry) -> bool:
    """Stores a row from the log; False if it was there already."""
    tenant: UUID = entry.tenant_id
    with tenant_scope(tenant):
        if LedgerEntry.objects.filter(id=entry.id).exists():
            return False
        insert([entry])
        return True
