"""Which column is which field, and what a row becomes (csuite/imports/mapping.py, converting.py)."""

from datetime import date
from decimal import Decimal
from typing import Any

from csuite.imports import mapping
from csuite.imports.converting import readers, records
from csuite.imports.mapping import Chosen
from csuite.imports.reading import read_file
from csuite.imports.reading.columns import columns_of
from csuite.imports.reading.table import Table
from csuite.imports.targets import Field, Kind, Record, Wrong
from tests.imports.files import ROWS, csv_file, workbook

FIELDS = (
    Field("number", "Invoice number", required=True, names=("invoice", "number"), longest=20),
    Field("customer", "Customer", required=True),
    Field("issued", "Issued on", Kind.DATE, names=("issued", "invoiced on")),
    Field("amount", "Amount", Kind.MONEY, required=True, low=Decimal(0)),
    Field("month", "Month", Kind.MONTH),
    Field("disputed", "Disputed", Kind.YES_NO),
)


def looked_at(data: bytes, name: str = "a.csv") -> tuple[Table, list[dict[str, Any]]]:
    table = read_file(name, data)
    return table, [column.to_json() for column in columns_of(table)]


def converted(
    data: bytes, fields: dict[int, str], ways: dict[int, str] | None = None, name: str = "a.csv"
) -> list[Any]:
    table, columns = looked_at(data, name)
    return list(records(table, readers(Chosen(fields, ways or {}), columns, FIELDS, "USD"), ("number",)))


def wrong(found: list[Any]) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.message) for row in found if isinstance(row, list) for one in row]


def test_headings_suggest_their_fields() -> None:
    _, columns = looked_at(csv_file())
    assert mapping.suggested(columns, FIELDS) == {0: "number", 1: "customer", 2: "issued", 3: "amount"}


def test_a_heading_that_is_only_part_of_a_name_comes_after_the_name_itself() -> None:
    _, columns = looked_at(csv_file([["a", "b", "1"]], ["Customer code", "CUSTOMER", "amount_"]))
    assert mapping.suggested(columns, FIELDS) == {1: "customer", 2: "amount"}


def test_a_column_of_words_is_not_suggested_as_an_amount_or_a_date() -> None:
    _, columns = looked_at(csv_file([["a", "b", "soon", "much"]]))
    assert mapping.suggested(columns, FIELDS) == {0: "number", 1: "customer"}


def test_a_missing_column_a_field_taken_twice_and_an_open_question_are_said() -> None:
    _, columns = looked_at(csv_file([["R-1", "Halden", "03/04/2024", "1,234"]], by=";"))
    said = Chosen({0: "number", 1: "number", 2: "issued", 3: "amount"})
    faults = mapping.faults(said, columns, FIELDS)
    assert faults[""] == "No column is chosen for Customer."
    assert faults["1"] == "Invoice number is taken by the column Number."
    assert faults["2"] == faults["3"] == "Every value can be read in more than one way. Say which is meant."
    assert mapping.faults(Chosen({9: "nonsense"}), columns, FIELDS)["9"] == "There is no such field."


def test_who_says_how_dates_and_numbers_are_written_is_believed() -> None:
    data = csv_file([["R-1", "Halden", "03/04/2024", "1.234"]])
    fields = {0: "number", 1: "customer", 2: "issued", 3: "amount"}
    _, columns = looked_at(data)
    assert mapping.faults(Chosen(fields, {2: "dmy", 3: "comma"}), columns, FIELDS) == {}
    (european,) = converted(data, fields, {2: "dmy", 3: "comma"})
    assert (european.get("issued"), european.get("amount")) == (date(2024, 4, 3), Decimal(1234))
    (american,) = converted(data, fields, {2: "mdy", 3: "point"})
    assert (american.get("issued"), american.get("amount")) == (date(2024, 3, 4), Decimal("1.23"))


def test_values_that_contradict_each_other_are_named_with_their_rows() -> None:
    _, columns = looked_at(
        csv_file([["R-1", "a", "31/01/2024", "1.234,5"], ["R-2", "b", "01/31/2024", "1,234.5"]], by=";")
    )
    assert (
        mapping.doubt(columns[2], Kind.DATE)
        == "It is written in two ways: 31/01/2024 in row 2 and 01/31/2024 in row 3."
    )
    assert mapping.doubt(columns[3], Kind.MONEY) == "It is written in two ways: 1.234,5 in row 2 and 1,234.5 in row 3."


def test_every_row_becomes_a_record() -> None:
    found = converted(csv_file(), {0: "number", 1: "customer", 2: "issued", 3: "amount"})
    assert found[0] == Record(
        2,
        {"number": "R-1", "customer": "Müller & Söhne", "issued": date(2024, 1, 31), "amount": Decimal("1234.50")},
    )
    assert len(found) == len(ROWS)


def test_each_cell_that_cannot_be_read_is_told_with_row_and_column() -> None:
    rows: list[list[Any]] = [
        ["R-1", "", "soon", "much"],
        ["R-" + "1" * 30, "Halden", "2024-02-30", "-5"],
        ["R-3", "#REF!", "2024-01-31", "€5"],
        ["R-4", "Halden", "2024-01-31", "1" * 20],
    ]
    assert wrong(converted(csv_file(rows), {0: "number", 1: "customer", 2: "issued", 3: "amount"})) == [
        (2, "Customer", "Customer is missing."),
        (2, "Issued", "“soon” is no date."),
        (2, "Amount", "“much” is no number."),
        (3, "Number", "The text has 32 characters; 20 are the most."),
        (3, "Issued", "“2024-02-30” is no date."),
        (3, "Amount", "Amount cannot be below 0."),
        (4, "Customer", "The cell holds the error #REF!."),
        (4, "Amount", "The amount is in EUR, the company counts in USD."),
        (5, "Amount", "The number is too large."),
    ]


def test_a_value_against_the_columns_way_is_an_error_and_never_read_the_other_way() -> None:
    rows = [["R-1", "a", "13/04/2024", "1.234,50"], ["R-2", "b", "04/13/2024", "1,234.50"]]
    fields = {0: "number", 1: "customer", 2: "issued", 3: "amount"}
    assert wrong(converted(csv_file(rows, by=";"), fields, {2: "dmy", 3: "comma"})) == [
        (3, "Issued", "“04/13/2024” does not fit the order of day and month in the column."),
        (3, "Amount", "“1,234.50” does not fit the way in which the column writes its numbers."),
    ]


def test_a_key_that_comes_twice_names_the_earlier_row() -> None:
    rows = [ROWS[0], ROWS[1], ["r-1", "Other", "2024-03-01", "1"]]
    assert wrong(converted(csv_file(rows), {0: "number", 1: "customer", 3: "amount"})) == [
        (4, "Number", "The same invoice number stands in row 2 already.")
    ]


def test_cells_of_a_workbook_keep_what_they_are() -> None:
    rows: list[list[Any]] = [["No", "Customer", "Day", "Amount", "Disputed"],
            [42, "Halden", date(2024, 1, 31), 0.1 + 0.2, True],
            [43, "Halden", 45322, "7", "no"], ["44", "Halden", date(2024, 1, 31), True, "perhaps"]]  # fmt: skip
    fields = {0: "number", 1: "customer", 2: "month", 3: "amount", 4: "disputed"}
    first, *others = converted(workbook(rows), fields, name="a.xlsx")
    assert dict(first.values) == {
        "number": "42", "customer": "Halden", "month": date(2024, 1, 1), "amount": Decimal("0.30"), "disputed": True,
    }  # fmt: skip
    assert wrong(others) == [
        (3, "Day", "“45322” is a number and no date. Give the column a date format."),
        (4, "Amount", "“True” is no number."),
        (4, "Disputed", "“perhaps” is neither yes nor no."),
    ]


def test_an_empty_cell_of_a_field_that_may_be_empty_is_none() -> None:
    (found,) = converted(csv_file([["R-1", "Halden", "", "5"]]), {0: "number", 1: "customer", 2: "issued", 3: "amount"})
    assert found.get("issued") is None
    assert wrong([[Wrong(1, "", "x")]]) == [(1, "", "x")]
