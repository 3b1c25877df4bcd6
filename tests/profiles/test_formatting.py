"""Figures are written as the design writes them."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csuite.profiles import formatting as f


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("2412000", "$2.41m"),
        ("2601000", "$2.60m"),
        ("27205000", "$27.2m"),
        ("96000", "$96k"),
        ("5000", "$5,000"),
        ("4240", "$4,240"),
        ("9994", "$9,994"),
        ("840", "$840"),
        ("9995", "$10k"),
        ("999499", "$999k"),
        ("999500", "$1.00m"),
        ("-27000", "−$27k"),
        ("0", "$0"),
    ],
)
def test_money_is_compact(amount: str, text: str) -> None:
    assert f.money(Decimal(amount)) == text


def test_other_currencies_have_their_own_sign() -> None:
    assert f.money(Decimal(921_470), "EUR") == "€921k"
    assert f.money(Decimal(921_470), "CHF") == "CHF 921k"


def test_calculations_show_whole_thousands() -> None:
    assert f.thousands(Decimal(27_765_000)) == "$27,765k"
    assert f.thousands(Decimal(-1_500)) == "−$2k"


def test_signs_are_typographic_and_zero_has_none() -> None:
    assert f.signed(Decimal("-1.1")) == "−1.1"
    assert f.signed(Decimal("0.4")) == "+0.4"
    assert f.signed(Decimal("-0.04")) == "0.0"
    assert f.number(Decimal(52_400)) == "52,400"


def test_each_unit_has_its_words() -> None:
    assert f.bare(Decimal("38.4"), "percent") == "38.4%"
    assert f.bare(Decimal("99.62"), "percent", places=2) == "99.62%"
    assert f.bare(Decimal(47), "days") == "47"
    assert f.worded(Decimal(47), "days") == "47 days"
    assert f.worded(Decimal(1), "days") == "1 day"
    assert f.difference(Decimal("-2.8"), "percent") == "2.8 points"
    assert f.difference(Decimal(-1), "percent", places=0) == "1 point"
    assert f.difference(Decimal(5), "days") == "5 days"
    assert f.difference(Decimal(-26_000), "currency") == "$26k"
    assert f.change(Decimal(15_000), "currency") == "+$15k"
    assert f.change(Decimal("-2.8"), "percent") == "−2.8"
    assert f.change(Decimal(3), "count") == "+3"


def test_targets_are_said_as_people_say_them() -> None:
    assert f.target(Decimal("41.0000"), "percent") == "41%"
    assert f.target(Decimal("35.5"), "percent") == "35.5%"
    assert f.target(Decimal(27_500_000), "currency") == "$27.5m"
    assert f.target(Decimal(3_000_000), "currency") == "$3m"
    assert f.target(Decimal(42), "days") == "42 days"


def test_halves_round_away_from_zero() -> None:
    assert f.rounded(Decimal("40.25"), 1) == Decimal("40.3")
    assert f.rounded(Decimal("-40.25"), 1) == Decimal("-40.3")


def test_small_counts_are_words() -> None:
    assert f.in_words(2) == "two"
    assert f.in_words(18) == "eighteen"
    assert f.in_words(31) == "31"


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
@settings(deadline=None)
def test_money_never_loses_its_sign_nor_more_than_half_its_last_digit(amount: Decimal) -> None:
    text = f.money(amount)
    assert text.startswith("−") == (amount < 0)
    digits = text.lstrip("−$").replace(",", "")
    scale = {"m": 1_000_000, "k": 1000}.get(digits[-1], 1)
    shown = Decimal(digits.rstrip("mk"))
    last_digit = Decimal(1).scaleb(int(shown.as_tuple().exponent)) * scale
    assert abs(shown * scale - abs(amount)) <= last_digit / 2
