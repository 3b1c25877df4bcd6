"""Entries of the profile: what people type, and what it means."""

from decimal import Decimal

import pytest

from csuite.profiles.entries import BY_KEY, ENTRIES, BadEntry, money, parsed


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("27.2m", "27200000"),
        ("$27,205,000", "27205000"),
        ("27.205.000 €", "27205000"),
        ("1.234.567,89", "1234567.89"),
        ("1 234 567", "1234567"),
        ("12,5 Millionen", "12500000"),
        ("about 3 million dollars last year", "3000000"),
        ("0.123", "0.12"),
        ("450k", "450000"),
        ("1.5bn", "1500000000"),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, amount: str) -> None:
    assert money(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["much", "-5", "NaN", "9" * 30, "1e400"])
def test_what_is_no_amount_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadEntry, match="Revenue"):
        money(text if text != "1e400" else "9" * 400)


@pytest.mark.parametrize(("text", "people"), [("140", 140), ("1,200 people", 1200), ("some 1.200 in Oslo", 1200)])
def test_people_are_a_number(text: str, people: int) -> None:
    assert parsed(BY_KEY["people"], text) == people


@pytest.mark.parametrize("text", ["many", "0", "99999999999"])
def test_what_is_no_number_of_people_is_refused(text: str) -> None:
    with pytest.raises(BadEntry, match="People"):
        parsed(BY_KEY["people"], text)


@pytest.mark.parametrize(("text", "month"), [("April", 4), ("oct", 10), ("7", 7), ("Sept. each year", 9)])
def test_a_month_is_a_name_or_a_number(text: str, month: int) -> None:
    assert parsed(BY_KEY["fiscal_year_start"], text) == month


@pytest.mark.parametrize("text", ["never", "13", "ma"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(BadEntry, match="month"):
        parsed(BY_KEY["fiscal_year_start"], text)


def test_a_line_is_one_line_and_has_an_end() -> None:
    assert parsed(BY_KEY["industry"], "  Flow \n meters ") == "Flow meters"
    assert parsed(BY_KEY["description"], "a\nb") == "a\nb"
    assert parsed(BY_KEY["industry"], "  ") is None
    for key, text in (("industry", "x" * 161), ("description", "x" * 2001), ("sites", "a\0b")):
        with pytest.raises(BadEntry):
            parsed(BY_KEY[key], text)


def test_keys_and_labels_are_each_there_once() -> None:
    assert len({entry.key for entry in ENTRIES}) == len({entry.label for entry in ENTRIES}) == len(ENTRIES)
