"""From bytes to a table (csuite/imports/reading)."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from csuite.imports.reading import Refused, Table, read_file
from csuite.imports.reading.table import letter
from tests.imports.files import BROKEN, FORMULA, HEADINGS, ROWS, SHEET, TYPED, csv_file, csv_text, repacked, workbook

REAL = Path(__file__).resolve().parents[3] / "shared" / "data"


def values(table: Table) -> list[list[object]]:
    return [list(row) for _, row in table.rows]


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_refused_in_words_that_say_where(what: str) -> None:
    name, data, message = BROKEN[what]
    with pytest.raises(Refused) as refused:
        read_file(name, data)
    assert message in str(refused.value)


@pytest.mark.parametrize("by", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"])
def test_separator_and_encoding_are_found(by: str, encoding: str) -> None:
    table = read_file("invoices.csv", csv_text(by=by).encode(encoding))
    assert table.headings == tuple(HEADINGS)
    assert values(table) == ROWS
    assert [number for number, _ in table.rows] == [2, 3, 4]


def test_the_euro_sign_of_windows_is_read_as_one() -> None:
    table = read_file("a.csv", csv_text([["R-1", "Halden", "2024-01-31", "5 €"]]).encode("cp1252"))
    assert values(table)[0][3] == "5 €"
    assert "Windows-1252" in table.about


def test_decimal_commas_do_not_pass_for_separators() -> None:
    rows = [["R-1", "Halden", "31.01.2024", "1.234,50"], ["R-2", "Aurel", "13.02.2024", "99,00"]]
    assert values(read_file("a.csv", csv_file(rows, by=";"))) == rows


def test_line_breaks_and_separators_stand_within_quotes_and_rows_count_as_a_spreadsheet_counts() -> None:
    text = 'Name,Note\r\nA,"one, two\r\nthree"\r\n\r\nB,\u2028four\r\n'
    table = read_file("a.csv", text.encode())
    assert [(n, list(row)) for n, row in table.rows] == [(2, ["A", "one, two\nthree"]), (4, ["B", "\u2028four"])]


def test_titles_above_the_headings_and_empty_columns_are_passed_over() -> None:
    text = "Open invoices,,\n\nNumber,,Amount\nR-1,,5\nR-2,,6,\n"
    table = read_file("a.csv", text.encode())
    assert table.headings == ("Number", "Column (B)", "Amount")
    assert values(table) == [["R-1", "", "5"], ["R-2", "", "6"]]


def test_headings_that_come_twice_are_told_apart() -> None:
    table = read_file("a.csv", b"Amount,amount,Date\n1,2,2024-01-01\n")
    assert table.headings == ("Amount (A)", "amount (B)", "Date")


def test_200_columns_are_read() -> None:
    assert len(read_file("a.csv", csv_file([["1"] * 200], [f"C{n}" for n in range(200)])).headings) == 200


def test_a_workbook_keeps_numbers_and_gives_dates_as_iso_text() -> None:
    rows: list[list[Any]] = [
        ["Number", "Day", "Time", "Amount", "Share", "Paid"],
        ["0042", date(2024, 1, 31), datetime(2024, 1, 31, 9, 30), 1234.5, 0.385, True],
    ]
    table = read_file("a.xlsx", workbook(rows, percent="E2"))
    assert values(table) == [["0042", "2024-01-31", "2024-01-31 09:30:00", 1234.5, 38.5, True]]


def test_the_first_visible_sheet_with_content_is_read_and_named() -> None:
    table = read_file("a.xlsx", workbook(TYPED, sheets={"Other": [["x"]]}, hide=True))
    assert table.headings == tuple(HEADINGS)
    assert table.about == "XLSX, sheet Sheet, of 2"


def test_a_formula_counts_with_its_stored_result() -> None:
    stored = repacked(workbook(FORMULA), None, {SHEET: (b"<v />", b"<v>1234.5</v>")})
    if stored == repacked(workbook(FORMULA)):
        stored = repacked(workbook(FORMULA), None, {SHEET: (b"<v></v>", b"<v>1234.5</v>")})
    assert values(read_file("a.xlsx", stored))[0][3] == 1234.5


def test_merged_cells_of_a_title_do_no_harm() -> None:
    rows: list[list[Any]] = [["Open invoices, November", None, None, None], HEADINGS, *ROWS]
    assert values(read_file("a.xlsx", workbook(rows, merge="A1:D1"))) == ROWS


def test_a_packed_table_is_the_same_table() -> None:
    table = read_file("a.xlsx", workbook(TYPED))
    assert Table.unpack(table.pack()) == table


@pytest.mark.parametrize(("place", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_are_named_as_in_a_spreadsheet(place: int, name: str) -> None:
    assert letter(place) == name


@pytest.mark.skipif(not REAL.exists(), reason="the real files are not here (../shared/data)")
@pytest.mark.parametrize(
    ("name", "rows"),
    [("crm/accounts.csv", 85), ("crm/deals.csv", 7635), ("crm/products.csv", 7), ("crm/sales_teams.csv", 35),
     ("receivables.csv", 1930)],
)  # fmt: skip
def test_the_real_files_are_read_whole(name: str, rows: int) -> None:
    assert len(read_file(name, (REAL / name).read_bytes()).rows) == rows
