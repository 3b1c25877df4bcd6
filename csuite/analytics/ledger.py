"""Writing the ledger. A row that cannot be written never costs the answer: it goes to the log, for replay."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, models

from csuite.analytics import metrics
from csuite.analytics.budgets.settling import Crossed, Settlement, settle
from csuite.analytics.late import put_right
from csuite.analytics.models import LedgerEntry
from csuite.analytics.patience import going_on, within
from csuite.tenants.db import in_db
from csuite.tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

WRITE_SECONDS = 5.0  # how long an answer's end may wait for the database
MARK = '{"ledger_entry": '
NEW = Settlement()  # of an attempt that was just made, without a reservation
LATE = Settlement(backdated=True)  # of a row that comes from a log
GATE = "budgets of "


def insert(entries: Sequence[LedgerEntry]) -> None:
    """Inside the tenant's scope. An entry that is there already stays as it is."""
    for entry in entries:
        store(entry)


def store(entry: LedgerEntry, how: Settlement = LATE) -> list[Crossed]:
    """Writes the row and settles it with the budgets, in the transaction of the tenant's scope that is open.

    A row that is there already settles nothing again; if it was only estimated by somebody who took this process for
    dead, what is known now puts its cost right. Returns the budgets that have reached a level with it.
    """
    entry.claim()
    columns = [*_columns()]
    values = [column.get_db_prep_save(getattr(entry, column.attname), connection) for column in columns]
    with connection.cursor() as cursor:
        given = [GATE + str(entry.tenant_id), entry.tenant_id, entry.id, *values]
        cursor.execute(_insert(tuple(str(column.column) for column in columns)), given)
        is_new = cursor.rowcount == 1
    if is_new:
        return settle(entry, how)
    if not how.guessed:
        put_right(entry)
    return []


@cache
def _insert(columns: tuple[str, ...]) -> str:
    # Who makes a budget sums the ledger up and must miss no row: rows are written under a shared lock, that under the
    # exclusive one (budgets/changing.py).
    names = ", ".join(f'"{name}"' for name in columns)
    places = ", ".join(["%s"] * len(columns))
    gate = "WITH gate AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0)))"
    ended = "ended AS (DELETE FROM begun_attempt WHERE tenant_id = %s AND id = %s)"
    insert = f"INSERT INTO ledger ({names}) SELECT {places} FROM gate"  # noqa: S608 - names of our own columns
    return f"{gate}, {ended} {insert} ON CONFLICT (id) DO NOTHING"


async def write(entry: LedgerEntry, how: Settlement = NEW) -> list[Crossed]:
    """Returns when the row is stored and settled, or is in the log because it could not be. Never raises an error.

    A cancelled caller stops waiting; the writing goes on.
    """
    return await asyncio.shield(going_on(_write(entry, how)))


async def _write(entry: LedgerEntry, how: Settlement) -> list[Crossed]:
    try:
        return await within(WRITE_SECONDS, going_on(in_db(store, entry, how, tenant=entry.tenant_id)))
    except asyncio.CancelledError:
        lose(entry, "the process ended")
        raise
    except Exception as error:
        # Whatever it is: the answer was paid for and is on the screen. The row may still arrive; replay is safe.
        lose(entry, f"{type(error).__name__}: {error}")
        return []


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
        was_there: bool = LedgerEntry.objects.filter(id=entry.id).exists()
        store(entry)
        return not was_there
