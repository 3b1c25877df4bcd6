"""The calls of a choice as a workbook, written row by row to a file, so that a month of any size fits."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from typing import IO
from uuid import UUID

from csuite.analytics.calls import Choice, Mark
from csuite.analytics.export import COLUMNS, cell, rows_of

IN_MEMORY = 1_048_576  # bytes; a larger workbook lies on the disk
MOST = 1_048_575  # rows of a sheet below its head; what comes after them goes on the next one


def workbook(choice: Choice) -> IO[bytes]:
    """A file at its beginning, deleted when it is closed. In the tenant's scope."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for number, sheet_rows in enumerate(_sheets(choice), 1):
        sheet = book.create_sheet(f"Calls {choice.month}" + (f" ({number})" if number > 1 else ""))
        sheet.append(COLUMNS)
        for row in sheet_rows:
            sheet.append(row)
    file: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed by the response
    book.save(file)
    file.seek(0)
    return file


def _sheets(choice: Choice) -> Iterator[Iterator[list[object]]]:
    rows = _rows(choice)
    first: list[object] | None = next(rows, None)
    yield _some(first, rows)
    while (first := next(rows, None)) is not None:
        yield _some(first, rows)


def _some(first: list[object] | None, rows: Iterator[list[object]]) -> Iterator[list[object]]:
    if first is not None:
        yield first
        for _, row in zip(range(MOST - 1), rows, strict=False):
            yield row


def _rows(choice: Choice) -> Iterator[list[object]]:
    after: Mark | None = None
    while True:
        rows, after = rows_of(choice, after)
        yield from ([_value(value) for value in row] for row in rows)
        if after is None:
            return


def _value(value: object) -> object:
    """Numbers stay numbers; times lose their zone (all are UTC); text that would run as a formula is led by an '."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return value
    return cell(str(value) if isinstance(value, UUID) else value)
