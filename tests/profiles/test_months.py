"""Months and fiscal years."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csuite.profiles import months

days = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31))


@given(days, st.integers(min_value=-500, max_value=500))
@settings(deadline=None)
def test_shifting_there_and_back_is_the_same_month(day: date, count: int) -> None:
    period = months.first_of(day)
    assert months.shift(months.shift(period, count), -count) == period
    assert months.between(period, months.shift(period, count)) == count


@given(days, st.integers(min_value=1, max_value=12))
@settings(deadline=None)
def test_a_month_lies_in_its_fiscal_year_and_quarter(day: date, start: int) -> None:
    period = months.first_of(day)
    year, quarter = months.year_start(period, start), months.quarter_start(period, start)
    assert year.month == start
    assert 0 <= months.between(year, period) < 12
    assert 0 <= months.between(quarter, period) < 3
    assert months.quarter_number(period, start) == months.between(year, quarter) // 3 + 1


def test_the_last_closed_month_is_the_one_before() -> None:
    assert months.last_closed(date(2026, 11, 20)) == date(2026, 10, 1)
    assert months.last_closed(date(2027, 1, 1)) == date(2026, 12, 1)
    assert months.last_day(date(2024, 2, 1)) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("period", "text"),
    [(date(2026, 10, 1), "October"), (date(2025, 11, 1), "November"), (date(2025, 10, 1), "Oct 2025")],
)
def test_a_month_has_its_year_only_when_needed(period: date, text: str) -> None:
    newest = date(2026, 10, 1)
    assert text in (months.long(period, newest), months.short(period, newest))


def test_a_span_that_ends_before_it_begins_is_empty() -> None:
    assert months.span(date(2026, 5, 1), date(2026, 4, 1)) == ()
    assert len(months.span(date(2025, 5, 1), date(2026, 10, 1))) == 18


def test_a_day_is_written_out() -> None:
    assert months.day(date(2026, 11, 6)) == "6 November 2026"
