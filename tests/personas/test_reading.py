"""The analyst understands metrics, months and wishes in plain questions."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csuite.personas.analyst.lexicon import language
from csuite.personas.analyst.periods import windows
from csuite.personas.analyst.reading import read
from tests.profiles.northwind import facts

NEWEST = date(2026, 10, 1)
FACTS = facts()


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("in October", (2026, 10), (2026, 10)),
        ("in November", (2025, 11), (2025, 11)),
        ("October 2025?", (2025, 10), (2025, 10)),
        ("im Oktober", (2026, 10), (2026, 10)),
        ("en octubre de 2025", (2025, 10), (2025, 10)),
        ("in May", (2026, 5), (2026, 5)),
        ("last four months", (2026, 7), (2026, 10)),
        ("the past 12 months", (2025, 11), (2026, 10)),
        ("die letzten drei Monate", (2026, 8), (2026, 10)),
        ("los últimos seis meses", (2026, 5), (2026, 10)),
        ("since July", (2026, 7), (2026, 10)),
        ("seit März 2026", (2026, 3), (2026, 10)),
        ("this year", (2026, 1), (2026, 10)),
        ("Q3", (2026, 7), (2026, 9)),
        ("in the third quarter", (2026, 7), (2026, 9)),
        ("q4", (2026, 10), (2026, 10)),
        ("this quarter", (2026, 10), (2026, 10)),
        ("last quarter", (2026, 7), (2026, 9)),
        ("last month", (2026, 10), (2026, 10)),
        ("in 2025", (2025, 1), (2025, 12)),
        ("2026", (2026, 1), (2026, 10)),
    ],
)
def test_months_are_found(question: str, first: tuple[int, int], last: tuple[int, int]) -> None:
    window = windows(question, NEWEST, 1)[-1]
    assert (window.first, window.last) == (date(*first, 1), date(*last, 1))


@pytest.mark.parametrize(
    "question", ["May we talk?", "it may rise", "how are we doing", "in 2040", "since November 2026"]
)
def test_what_is_no_month_is_left_alone(question: str) -> None:
    assert windows(question, NEWEST, 1) == []


def test_quarters_follow_the_fiscal_year() -> None:
    window = windows("second quarter", NEWEST, 4)[0]
    assert (window.first, window.last) == (date(2026, 7, 1), date(2026, 9, 1))
    assert windows("fourth quarter", NEWEST, 4)[0].first == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("question", "keys"),
    [
        ("Why did gross margin fall?", ["gross_margin_pct"]),
        ("days sales outstanding", ["dso"]),
        ("our sales", ["revenue"]),
        ("sessions and demo requests", ["sessions", "demo_requests"]),
        ("Wie hoch ist der Umsatz?", ["revenue"]),
        ("¿Por qué bajó el margen bruto?", ["gross_margin_pct"]),
        ("Why are we late? on-time delivery", ["on_time_delivery_pct"]),
        ("Which customers explain the slower payment?", ["dso"]),
        ("Can we still reach 41%?", ["gross_margin_pct"]),
        ("marginal notes on Marginalia", []),
        ("", []),
    ],
)
def test_metrics_are_found_by_their_names(question: str, keys: list[str]) -> None:
    assert [series.key for series in read(question, FACTS).metrics] == keys


@pytest.mark.parametrize(
    ("question", "intents"),
    [
        ("Why did margin fall, and can we reach the goal?", {"why", "reach"}),
        ("What should we decide?", {"advice"}),
        ("best month for revenue", {"best"}),
        ("lowest margin", {"worst"}),
        ("revenue compared with last year", {"compare"}),
        ("revenue by month", {"trend"}),
        ("Warum fiel die Marge?", {"why"}),
        ("How are we doing?", {"overview"}),
        ("total revenue", {"total"}),
        ("average margin", {"average"}),
        ("revenue", set()),
    ],
)
def test_wishes_are_found(question: str, intents: set[str]) -> None:
    assert read(question, FACTS).intents == intents


def test_targets_are_found_in_the_unit_of_the_metric() -> None:
    assert read("Can gross margin reach 42,5 %?", FACTS).target == Decimal("42.5")
    assert read("Can revenue reach $2.5m?", FACTS).target == 2_500_000
    assert read("Can revenue reach $900 thousand?", FACTS).target == 900_000
    assert read("Can revenue reach 42%?", FACTS).target is None
    assert read("Can dso reach 42?", FACTS).target is None


@pytest.mark.parametrize(
    "follow_up", ["And in September?", "in September", "und im September?", "What about September?"]
)
def test_a_follow_up_keeps_the_metric(follow_up: str) -> None:
    found = read(follow_up, FACTS, ["Why did gross margin fall in October?"])
    assert [series.key for series in found.metrics] == ["gross_margin_pct"]
    assert found.month(NEWEST) == date(2026, 9, 1)


def test_a_follow_up_of_a_follow_up_keeps_it_too() -> None:
    found = read("and in July?", FACTS, ["DSO in October?", "and in September?"])
    assert [series.key for series in found.metrics] == ["dso"]


def test_a_new_question_is_no_follow_up() -> None:
    assert read("Who should own the decision log of the board?", FACTS, ["DSO in October?"]).metrics == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Warum ist die Bruttomarge gefallen?", "de"),
        ("¿Por qué bajó el margen bruto?", "es"),
        ("Why did it fall?", "en"),
        ("", "en"),
        ("毛利率", "en"),
    ],
)
def test_languages_are_told_apart(text: str, code: str) -> None:
    assert language(text) == code


@given(st.text(max_size=200))
@settings(deadline=None)
def test_any_text_can_be_read(text: str) -> None:
    found = read(text, FACTS)
    assert len(found.metrics) <= 3
    assert all(window.first <= window.last for window in found.windows)
