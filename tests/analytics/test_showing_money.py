"""Amounts as they are shown and exported: unknown is never 0, and no cell runs as a formula."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from csuite.analytics.export import cell, lines
from csuite.analytics.templatetags.money import cost, seconds, total


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("0.0123456789", "USD", "$0.0123"),
        ("1234.5", "EUR", "€1,234.5000"),
        ("0.00001", "USD", "under $0.0001"),
        ("0", "USD", "$0"),
        ("0.5", "CHF", "CHF 0.5000"),
    ],
)
def test_a_cost_is_shown_with_its_currency_and_never_rounded_to_nothing(amount: str, currency: str, shown: str) -> None:
    assert cost(Decimal(amount), currency) == shown


def test_a_sum_is_shown_in_cents() -> None:
    assert total(Decimal("1234.567"), "USD") == "$1,234.57"


def test_a_time_that_was_not_measured_stays_empty() -> None:
    assert seconds(420) == "0.42 s"
    assert seconds(None) == ""


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_text_that_a_spreadsheet_would_run_is_led_by_an_apostrophe(text: str) -> None:
    assert cell(text) == "'" + text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (Decimal("0.0123000000"), "0.0123000000"),
        (datetime(2026, 11, 3, tzinfo=UTC), "2026-11-03T00:00:00+00:00"),
        ("plain", "plain"),
    ],
)
def test_other_values_are_written_as_they_are_and_unknown_is_empty(value: object, written: str) -> None:
    assert cell(value) == written


def test_lines_are_quoted() -> None:
    assert lines([["a,b", 'say "x"']]) == '"a,b","say ""x"""\r\n'
