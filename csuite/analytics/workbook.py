"""The calls of a choice as a workbook, streamed as it is written: a month of any size fits into little memory."""

from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from csuite.analytics.calls import Choice, Mark
from csuite.analytics.export import COLUMNS, cell, rows_of
from csuite.analytics.spreadsheet import ROWS, Spreadsheet
from csuite.tenants.db import in_db


async def workbook(choice: Choice, tenant: UUID) -> AsyncIterator[bytes]:
    """The file in pieces: no transaction is open between two of them."""
    book, number, left = Spreadsheet(), 0, 0
    after: Mark | None = None
    while True:
        rows, after = await in_db(_batch, choice, after, tenant=tenant)
        while rows or not number:
            if not left:
                number, left = number + 1, ROWS - 1
                book.sheet(f"Calls {choice.month}" + (f" ({number})" if number > 1 else ""))
                book.rows([COLUMNS])
            now, rows = rows[:left], rows[left:]
            left -= len(now)
            book.rows(now)
        yield book.written()
        if after is None:
            yield book.end()
            return


def _batch(choice: Choice, after: Mark | None) -> tuple[list[list[object]], Mark | None]:
    rows, after = rows_of(choice, after)
    return [[_value(value) for value in row] for row in rows], after


def _value(value: object) -> object:
    """Numbers and times stay what they are; text that would run as a formula is led by an '."""
    if isinstance(value, datetime | Decimal | int) and not isinstance(value, bool):
        return value
    return cell(str(value) if isinstance(value, UUID) else value)
