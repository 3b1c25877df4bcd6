"""A workbook of Office Open XML (ECMA-376) written from front to back: what is written can be sent at once."""

import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

ROWS = 1_048_576  # of a sheet, its head included
_DAY = 86_400
_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)  # times are days since then
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # characters that XML cannot hold

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# The second format of cells is a time.
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy-mm-dd hh:mm:ss"/>'
    '</numFmts><fonts count="1"><font/></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill>'
    '<patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/>'
    '<xf numFmtId="164" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class _Pipe(io.RawIOBase):
    """Where the archive writes: it cannot go back, so what came is taken out at any time."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        parts, self.parts = self.parts, []
        return b"".join(parts)


class Spreadsheet:
    """Sheets one after the other: `sheet`, its `rows`, the next; `written` and `end` give the file's bytes in order."""

    def __init__(self) -> None:
        self._pipe = _Pipe()
        self._archive = ZipFile(self._pipe, "w", ZIP_DEFLATED, compresslevel=3)
        self._names: list[str] = []
        self._open: IO[bytes] | None = None

    def sheet(self, name: str) -> None:
        """Begins a sheet; at most 31 characters, unlike any other."""
        self._close()
        self._names.append(name)
        self._open = self._archive.open(f"xl/worksheets/sheet{len(self._names)}.xml", "w")
        self._open.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())

    def rows(self, rows: Iterable[Sequence[object]]) -> None:
        """Numbers and times as such, everything else as text; empty text is an empty cell."""
        assert self._open is not None
        self._open.write("".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows).encode())

    def written(self) -> bytes:
        return self._pipe.take()

    def end(self) -> bytes:
        self._close()
        for path, text in _frame(self._names).items():
            self._archive.writestr(path, _HEAD + text)
        self._archive.close()
        return self._pipe.take()

    def _close(self) -> None:
        if self._open is not None:
            self._open.write(b"</sheetData></worksheet>")
            self._open.close()
            self._open = None


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return f'<c s="1"><v>{(value - _EPOCH).total_seconds() / _DAY!r}</v></c>'
    if isinstance(value, Decimal):
        return f"<c><v>{value:f}</v></c>"
    if isinstance(value, int):
        return f"<c><v>{value:d}</v></c>"
    text = _REFUSED.sub("", str(value))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>' if text else "<c/>"


def _frame(names: Sequence[str]) -> dict[str, str]:
    """The parts that say what is in the file."""
    numbers = range(1, len(names) + 1)
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
        for number, name in zip(numbers, names, strict=True)
    )
    own = "".join(_relation(f"rId{number}", "worksheet", f"worksheets/sheet{number}.xml") for number in numbers)
    types = "".join(_part(f"/xl/worksheets/sheet{number}.xml", "worksheet") for number in numbers)
    return {
        "xl/styles.xml": _STYLES,
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATION}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(own + _relation("styles", "styles", "styles.xml")),
        "_rels/.rels": _relations(_relation("book", "officeDocument", "xl/workbook.xml")),
        "[Content_Types].xml": (
            f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f"{_part('/xl/workbook.xml', 'sheet.main')}{_part('/xl/styles.xml', 'styles')}{types}</Types>"
        ),
    }


def _relations(inside: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inside}</Relationships>'


def _relation(key: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{key}" Type="{_RELATION}/{kind}" Target="{target}"/>'


def _part(path: str, kind: str) -> str:
    return f'<Override PartName="{path}" ContentType="{_TYPE}.{kind}+xml"/>'
