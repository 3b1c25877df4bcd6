"""XLSX: looked at as an archive first, since a small one can hold gigabytes, then read row by row."""

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError

from csuite.imports.reading.table import MOST_COLUMNS, Cell, Refused, Table, table_of

MOST_UNPACKED = 400 * 1024 * 1024
MOST_RATIO = 150  # of unpacked to packed bytes; figures are packed to a tenth or a twentieth
_SMALL = 4 * 1024 * 1024  # unpacked, which any ratio may have
_LAST_ROW = 1_048_576
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_ROW = re.compile(rb"<(?:\w+:)?row [^>]*?\br=\"(\d{7,})\"")
_COLUMN = re.compile(rb"<(?:\w+:)?c [^>]*?\br=\"([A-Z]{3,})\d+\"")
_FORMULA = re.compile(
    rb"<(?:\w+:)?c [^>]*?\br=\"([A-Z]+)(\d+)\"[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|.*?</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>",
    re.DOTALL,
)
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell [^>]*?ref=\"([A-Z]+)(\d+):([A-Z]+)(\d+)\"")


def read_workbook(data: bytes) -> Table:
    """The first visible sheet that holds something. Raises Refused."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            _look(archive)
        return _read(data)
    except Refused:
        raise
    # What openpyxl raises for a broken workbook is of many kinds; to a person they are one.
    except (zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, OSError, IndexError, AttributeError,
            EOFError, NotImplementedError, RuntimeError, OverflowError) as error:  # fmt: skip
        raise Refused("The workbook is damaged: it cannot be opened. Save it again as .xlsx.") from error


def _look(archive: zipfile.ZipFile) -> None:
    """Refuses what would fill the memory, run something or read something else."""
    parts = archive.infolist()
    unpacked, packed = sum(one.file_size for one in parts), sum(one.compress_size for one in parts)
    if unpacked > MOST_UNPACKED or (unpacked > _SMALL and unpacked > packed * MOST_RATIO):
        raise Refused(f"The workbook would unpack to {unpacked // 1024**2:,} MB. It is not opened.")
    names = {one.filename.lower() for one in parts}
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
        raise Refused("Workbooks with macros are not opened. Save it as .xlsx.")
    if "xl/workbook.xml" not in names:
        raise Refused("This is no workbook, only an archive of another kind.")
    for one in parts:
        if one.filename.lower().endswith((".xml", ".rels")):
            with archive.open(one) as part:
                if _DOCTYPE.search(part.read(4096)):
                    raise Refused("The workbook holds definitions of its own (DOCTYPE). It is not opened.")


def _read(data: bytes) -> Table:
    from openpyxl import load_workbook  # late: it costs a start 0.2 s

    book = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not visible:
            raise Refused("The workbook has no visible sheet.")
        with zipfile.ZipFile(BytesIO(data)) as archive:
            for sheet in visible:
                xml = archive.read(sheet._worksheet_path)
                if b"<v" in xml or b"<is" in xml or b":v>" in xml:
                    _look_at_sheet(xml)
                    others = len(visible) - 1
                    about = f"XLSX, sheet {sheet.title}" + (f", of {others + 1}" if others else "")
                    return _table(sheet, about, xml)
    finally:
        book.close()
    raise Refused("The workbook is empty: no sheet holds a cell.")


def _look_at_sheet(xml: bytes) -> None:
    if any(int(row) > _LAST_ROW for row in _ROW.findall(xml)):
        raise Refused("The workbook is damaged: it has a row beyond the last.")
    far = next(iter(_COLUMN.findall(xml)), None)
    if far is not None:
        raise Refused(f"A cell stands in column {far.decode()}; {MOST_COLUMNS} columns are the most.")
    found = _FORMULA.search(xml) if b"<f" in xml or b":f>" in xml else None
    if found:
        raise Refused(
            "The formula has no stored result. Open the file in a spreadsheet program and save it, or paste values.",
            int(found[2]),
            found[1].decode(),
        )


def _table(sheet: Any, about: str, xml: bytes) -> Table:
    sheet.reset_dimensions()  # what the file claims of its size may be wrong, or a trap
    table = table_of(_rows(sheet), about)
    first = table.rows[0][0] - 1  # headings stand here or higher
    for start, top, end, bottom in _MERGED.findall(xml):
        if int(bottom) >= first:
            ref = f"{start.decode()}{top.decode()}:{end.decode()}{bottom.decode()}"
            raise Refused(f"The cells {ref} are merged. Undo that, and write their value into each.", int(top),
                          start.decode())  # fmt: skip
    return table


def _rows(sheet: Any) -> Iterator[list[Cell]]:
    percent: dict[int, bool] = {0: False}
    for row in sheet.iter_rows():  # each as long as its last cell
        yield [_cell(cell, percent) for cell in row]


def _cell(cell: Any, percent: dict[int, bool]) -> Cell:
    value = cell.value
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int | float):
        style = cell._style_id
        if style not in percent:
            percent[style] = "%" in str(cell.number_format)
        return round(value * 100, 10) if percent[style] else value
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds() / 86400
    return str(value)
