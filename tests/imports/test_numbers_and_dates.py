"""How numbers and dates are read, and when nobody may guess (csuite/imports/reading)."""

from datetime import date
from decimal import Decimal

import pytest

from csuite.imports.reading import dates, numbers
from csuite.imports.reading.dates import Order
from csuite.imports.reading.evidence import Evidence
from csuite.imports.reading.numbers import Number, Style

POINT, COMMA = Style.POINT, Style.COMMA


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [
        ("1234", "1234", "1234"),
        ("1,234.56", "1234.56", None),
        ("1.234,56", None, "1234.56"),
        ("1,234", "1234", "1.234"),
        ("1.234", "1.234", "1234"),
        ("0,123", None, "0.123"),
        ("1234,5", None, "1234.5"),
        ("12,34,567", None, None),
        ("1,234,567", "1234567", None),
        ("1.234.567,8", None, "1234567.8"),
        ("1 234,50", None, "1234.50"),
        ("1'234.50", "1234.50", None),
        ("1\u202f234", "1234", "1234"),
        ("1 2", None, None),
        ("-5", "-5", "-5"),
        ("−5.5", "-5.5", None),
        ("5-", "-5", "-5"),
        ("(1,234.50)", "-1234.50", None),
        ("(5", None, None),
        ("-(5)", None, None),
        ("$1,234.50", "1234.50", None),
        ("-$5.00", "-5.00", None),
        ("1.234,50 €", None, "1234.50"),
        ("USD 5", "5", "5"),
        ("$5 €", None, None),
        ("38.4%", "38.4", None),
        ("38,4 %", None, "38.4"),
        (".5", "0.5", None),
        ("1e3", "1000", "1000"),
        ("1e999", None, None),
        ("R-1", None, None),
        ("2024-01-31", None, None),
        ("1" * 70, None, None),
    ],
)
def test_a_number_means_what_each_style_makes_of_it(text: str, point: str | None, comma: str | None) -> None:
    expected = {style: Decimal(value) for style, value in ((POINT, point), (COMMA, comma)) if value is not None}
    assert {style: found.value for style, found in numbers.readings(text).items()} == expected


def test_signs_say_the_currency_and_per_cent() -> None:
    assert numbers.readings("€ 5")[POINT] == Number(Decimal(5), currency="EUR")
    assert numbers.readings("5 %")[POINT] == Number(Decimal(5), percent=True)
    assert numbers.readings("$5")[POINT].fits("CAD")
    assert not numbers.readings("€5")[POINT].fits("USD")


def test_a_number_of_a_workbook_loses_the_noise_of_its_last_bits() -> None:
    assert numbers.of_float(0.1 + 0.2) == Number(Decimal("0.3"))
    assert numbers.of_float(float("inf")) is None


@pytest.mark.parametrize(
    ("text", "dmy", "mdy", "ymd"),
    [
        ("2024-01-31", "2024-01-31", "2024-01-31", "2024-01-31"),
        ("2024/1/3", "2024-01-03", "2024-01-03", "2024-01-03"),
        ("20240131", "2024-01-31", "2024-01-31", "2024-01-31"),
        ("31.01.2024", "2024-01-31", None, None),
        ("01/31/2024", None, "2024-01-31", None),
        ("03/04/2024", "2024-04-03", "2024-03-04", None),
        ("03/04/05", "2005-04-03", "2005-03-04", "2003-04-05"),
        ("24-02-13", "2013-02-24", None, "2024-02-13"),
        ("31/12/99", "1999-12-31", None, None),
        ("3 Feb 2024", "2024-02-03", "2024-02-03", "2024-02-03"),
        ("February 3rd, 2024", "2024-02-03", "2024-02-03", "2024-02-03"),
        ("3-Feb-24", "2024-02-03", "2024-02-03", "2024-02-03"),
        ("2024-01", "2024-01-01", "2024-01-01", "2024-01-01"),
        ("01/2024", "2024-01-01", "2024-01-01", "2024-01-01"),
        ("Jan 2024", "2024-01-01", "2024-01-01", "2024-01-01"),
        ("2024-01-31T10:20:30Z", "2024-01-31", "2024-01-31", "2024-01-31"),
        ("31.01.2024 10:20", "2024-01-31", None, None),
        ("31.02.2024", None, None, None),
        ("2024-13-01", None, None, None),
        ("1.2.3", None, None, None),
        ("Mayor 3, 2024", None, None, None),
        ("45292", None, None, None),
        ("12.5", None, None, None),
        ("9999-01-01", None, None, None),
    ],
)
def test_a_date_means_what_each_order_makes_of_it(text: str, dmy: str | None, mdy: str | None, ymd: str | None) -> None:
    wanted = {Order.DAY: dmy, Order.MONTH: mdy, Order.YEAR: ymd}
    expected = {order: date.fromisoformat(day) for order, day in wanted.items() if day is not None}
    assert dict(dates.readings(text)) == expected


def order_of(*texts: str) -> Evidence[Order]:
    evidence = Evidence(tuple(Order))
    for row, text in enumerate(texts, 2):
        evidence.add(row, text, dates.readings(text))
    return evidence


def test_one_value_that_reads_one_way_only_decides_for_the_column() -> None:
    assert order_of("03/04/2024", "13/04/2024").decided is Order.DAY
    assert order_of("03/04/2024", "04/13/2024").decided is Order.MONTH
    assert order_of("03-04-05", "99-04-06").decided is Order.YEAR


def test_values_that_read_both_ways_are_not_guessed() -> None:
    evidence = order_of("03/04/2024", "05/06/2024")
    assert evidence.decided is None
    assert evidence.candidates == [Order.DAY, Order.MONTH]


def test_values_that_contradict_each_other_are_not_guessed_and_are_named() -> None:
    evidence = order_of("31/01/2024", "01/31/2024")
    assert evidence.decided is None
    assert evidence.candidates == []
    assert evidence.against[Order.DAY] == (3, "01/31/2024")
    assert evidence.against[Order.MONTH] == (2, "31/01/2024")


def test_values_that_mean_the_same_in_every_way_leave_no_question() -> None:
    assert order_of("2024-01-31", "5.5.2024", "n/a").decided is not None
    style = Evidence(tuple(Style))
    for text in ("12", "1500"):
        style.add(2, text, numbers.readings(text))
    assert style.decided is Style.POINT


def test_a_column_without_any_value_decides_nothing() -> None:
    assert order_of("n/a", "").decided is None
