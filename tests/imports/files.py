"""Files as people send them: good ones in many dresses, and broken ones. All made here, none is kept."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

HEADINGS = ["Number", "Customer", "Issued", "Amount"]
ROWS = [
    ["R-1", "Müller & Söhne", "2024-01-31", "1234.50"],
    ["R-2", "Halden Process", "2024-02-13", "99.00"],
    ["R-3", "Aurel Pharma", "2024-02-28", "12.25"],
]


def csv_text(rows: Sequence[Sequence[str]] = ROWS, headings: Sequence[str] = HEADINGS, by: str = ",") -> str:
    return "\r\n".join(by.join(line) for line in [headings, *rows]) + "\r\n"


def csv_file(*args: Any, **kwargs: Any) -> bytes:
    return csv_text(*args, **kwargs).encode()


def workbook(rows: Sequence[Sequence[Any]], **more: Any) -> bytes:
    """`merge`: a range; `percent`: a cell shown in per cent; `sheets`: further sheets by name."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    if "merge" in more:
        sheet.merge_cells(more["merge"])
    if "percent" in more:
        sheet[more["percent"]].number_format = "0.0%"
    for name, content in more.get("sheets", {}).items():
        other = book.create_sheet(name)
        for row in content:
            other.append(list(row))
    if more.get("hide"):
        book.create_sheet("Front", 0).append(["Cover", "page"])
        book.worksheets[0].sheet_state = "hidden"
        book.active = 1
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(
    data: bytes, add: dict[str, bytes] | None = None, change: dict[str, tuple[bytes, bytes]] | None = None
) -> bytes:
    """The archive with further parts, or with bytes of a part replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.infolist():
            content = old.read(one)
            for before, after in [(change or {}).get(one.filename, (b"", b""))]:
                content = content.replace(before, after) if before else content
            new.writestr(one.filename, content)
        for name, content in (add or {}).items():
            new.writestr(name, content)
    return out.getvalue()


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def bomb() -> bytes:
    """A small archive that unpacks to 80 MB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            block = b"0" * 4_000_000
            for _ in range(20):
                part.write(block)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
TYPED: list[list[Any]] = [HEADINGS, ["R-1", "Halden Process", "2024-01-31", 1234.5]]
FORMULA: list[list[Any]] = [HEADINGS, ["R-1", "Halden Process", "2024-01-31", "=2*617.25"]]

# name -> (file name, bytes, what the message must say): each is refused as a whole, before anything is mapped
R1, R3 = ROWS[0], ROWS[2]
MIXED = csv_text([R1]).encode() + "R-9,Söhne,2024-03-01,1\r\n".encode("latin-1")
MERGED = workbook([*TYPED, *TYPED[1:]], merge="B2:B3")
DOCTYPE = (b"<workbook", b"<!DOCTYPE x [<!ENTITY a 'b'>]><workbook")
DEEP, FAR = (b'<row r="2"', b'<row r="2000000000"'), (b'r="D2"', b'r="XFD2"')


def _with(row: list[str]) -> bytes:
    return csv_file([R1, row, R3])


def _changed(part: str, change: tuple[bytes, bytes]) -> bytes:
    return repacked(workbook(TYPED), None, {part: change})


# name -> (file name, bytes, what the message must say): each is refused as a whole, before anything is mapped
BROKEN: dict[str, tuple[str, bytes, str]] = {
    "0 bytes": ("a.csv", b"", "0 bytes"),
    "only blanks": ("a.csv", b" \r\n\r\n  ", "holds no row"),
    "headings only": ("a.csv", csv_file([]), "Row 1: There is nothing below the headings"),
    "no headings": ("a.csv", csv_text()[csv_text().index("\n") + 1 :].encode(), "must name the columns"),
    "NUL": ("a.csv", _with(["R-4", "a\x00b", "2024-03-01", "1"]), "Row 3: There is a NUL"),
    "unclosed quote": ("a.csv", _with(["R-2", '"Halden', "", "1"]), "Row 3: A quotation mark is opened and never"),
    "quote within quotes": ("a.csv", _with(["R-2", '"Hal"den"', "", "1"]), "Row 3: A quotation mark stands within"),
    "huge cell": ("a.csv", _with(["R-2", "x" * 40_000, "", "1"]), "Row 3, column B: The cell has more than"),
    "mixed encodings": ("a.csv", MIXED, "Row 3: Its encoding is not that of row 2"),
    "wrong mark": ("a.csv", b"\xef\xbb\xbf" + csv_text().encode("latin-1"), "says that it is UTF-8"),
    "too many cells": ("a.csv", _with(["R-2", "Halden, Process", "", "1"]), "Row 3, column E: The row has 5 cells"),
    "201 columns": ("a.csv", csv_file([["1"] * 201], [f"C{n}" for n in range(201)]), "Row 1: The row has 201 columns"),
    "formula without result": ("a.xlsx", workbook(FORMULA), "Row 2, column D: The formula has no stored result"),
    "merged cells": ("a.xlsx", MERGED, "Row 2, column B: The cells B2:B3 are merged"),
    "macro by name": ("a.xlsm", workbook(TYPED), "Workbooks with macros are not opened"),
    "macro within": ("a.xlsx", repacked(workbook(TYPED), {"xl/vbaProject.bin": b"x"}), "Workbooks with macros are not"),
    "zip bomb": ("a.xlsx", bomb(), "would unpack to"),
    "damaged archive": ("a.xlsx", b"PK\x03\x04broken", "damaged"),
    "archive of another kind": ("a.xlsx", zipped({"readme.txt": b"x"}), "no workbook"),
    "empty workbook": ("a.xlsx", workbook([]), "no sheet holds a cell"),
    "definitions of its own": ("a.xlsx", _changed("xl/workbook.xml", DOCTYPE), "DOCTYPE"),
    "row beyond the last": ("a.xlsx", _changed(SHEET, DEEP), "row beyond the last"),
    "cell far to the right": ("a.xlsx", _changed(SHEET, FAR), "column XFD"),
    "CSV named .xlsx": ("a.xlsx", csv_file(), "it is no workbook"),
    "workbook named .csv": ("a.csv", workbook(TYPED), "Give it its own name"),
    "old Excel": ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "of the old kind"),
    "PDF": ("a.csv", b"%PDF-1.7 \n", "This is a PDF"),
    "wrong ending": ("a.exe", csv_file(), "Only CSV and XLSX can"),
}
