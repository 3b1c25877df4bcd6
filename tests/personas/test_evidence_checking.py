"""Figures of an answer against facts: what is found, calculated, not found, and what claims nothing."""

from datetime import date
from decimal import Decimal

import pytest

from csuite.personas.evidence.checking import Checker, check
from csuite.personas.evidence.knowledge import Deal, prepared
from csuite.personas.evidence.records import Finding
from csuite.profiles import months
from csuite.profiles.records import Company, Facts, GoalRecord, Point, Series
from tests.personas.labelled import company, known

NORTHWIND = company("northwind")[0]


def of(text: str, asked: str = "", name: str = "northwind") -> list[Finding]:
    checker = Checker(known(name), asked)
    checker.read(text, final=True)
    return checker.findings


def classes(text: str, asked: str = "", name: str = "northwind") -> list[tuple[str, str]]:
    return [(one.text, one.cls) for one in of(text, asked, name)]


def only(text: str, asked: str = "", name: str = "northwind") -> Finding:
    (found,) = [one for one in of(text, asked, name) if one.cls != "not_a_claim"]
    return found


@pytest.mark.parametrize(
    ("text", "cls"),
    [
        ("Gross margin was 38.4% in October.", "found"),
        ("Gross margin was 38% in October.", "found"),
        ("Gross margin was 38.5% in October.", "not_found"),
        ("Gross margin was 34.8% in October.", "not_found"),
        ("Gross margin was 38.4% in September.", "not_found"),
        ("On-time delivery was 38.4% in October.", "not_found"),
        ("Gross margin was 38.4 points in October.", "not_found"),
        ("Gross margin fell by 2.8 points on September.", "calculated"),
        ("Gross margin fell by 2.8% on September.", "not_found"),
        ("Gross margin rose by 2.8 points on September.", "not_found"),
        ("Revenue rose 13.8% on October 2025.", "calculated"),
        ("Revenue fell 13.8% on October 2025.", "not_found"),
        ("Revenue was $2.41m in October.", "found"),
        ("Revenue was $2.41k in October.", "not_found"),
        ("Revenue was €2.41m in October.", "not_found"),
        ("Order intake was $2.41m in October.", "not_found"),
        ("Revenue was about $2.4m in October.", "found"),
        ("Revenue was over $2.4m in October.", "found"),
        ("Revenue was nearly $2.5m in October.", "found"),
        ("Revenue was over $2.5m in October.", "not_found"),
        ("Revenue in the third quarter was $6.99m.", "calculated"),
        ("Revenue in the second quarter was $6.99m.", "not_found"),
        ("The largest customer is at 11.2% against a goal of 8%.", "found"),
        ("Flow meters brought 46% of revenue in October.", "calculated"),
        ("Flow meters brought 31% of revenue in October.", "not_found"),
        ("Revenue per head was $17.2k in October.", "calculated"),
        ("Expedited shipments were 2.4x those of October 2025.", "calculated"),
    ],
)
def test_a_figure_is_judged_by_name_period_unit_and_direction(text: str, cls: str) -> None:
    assert {one.cls for one in of(text) if one.cls != "not_a_claim"} == {cls}


@pytest.mark.parametrize(
    "text",
    [
        "1. First\n2. Second\n3) Third",
        "# 3 things\n\n## 2.1 Background",
        "```\nrevenue = 2412\n```",
        "See `x = 5000` and https://example.com/2026/10?id=4711 and mail a99@example.com.",
        "We use GPT-4 and ISO 9001 in room 12, see section 4.2 and NW-20418.",
        "Meet on 28 November at 14:30, or on 2026-11-30.",
        "Call +49 30 901820 or 24/7 support.",
        "One of the three reasons: it takes two weeks, five minutes or six quarters.",
        "In Q3 2026 and in 2025, over the last twelve months.",
    ],
)
def test_what_only_looks_like_a_figure_claims_nothing(text: str) -> None:
    assert {cls for _, cls in classes(text)} <= {"not_a_claim"}


def test_a_finding_explains_itself() -> None:
    found = only("Revenue rose by $26k on September.").evidence()
    assert found["class"] == "calculated"
    assert found["source"] == ["metric:revenue:2026-10", "metric:revenue:2026-09"]
    assert found["calculation"] == "$2.41m − $2.39m = $26k"
    assert (found["value"], found["unit"], found["metric"]) == ("26000", "currency", "revenue")
    assert (found["period"], found["as_of"]) == ("2026-10-01", "2026-10-31")


def test_a_figure_that_is_not_found_keeps_what_was_written() -> None:
    found = only("Revenue was $9.99m in October.").evidence()
    assert (found["class"], found["value"], found["source"]) == ("not_found", "9990000", [])
    assert found["metric"] is None
    assert found["calculation"] is None


def test_the_question_names_what_the_first_sentence_speaks_of() -> None:
    assert classes("42 days in July.", "Days sales outstanding?") == [("42 days", "found")]
    assert classes("42 days in July.") == [("42 days", "not_a_claim")]


def test_a_figure_of_the_question_is_the_askers_own() -> None:
    asked = "Can order intake reach $30m?"
    assert classes("To reach $30m takes $3.33m a month.", asked)[0] == ("$30m", "not_a_claim")
    assert classes("To reach $30m takes $3.33m a month.", "Order intake?")[0] == ("$30m", "not_found")


def test_a_pronoun_carries_the_metric_on() -> None:
    assert classes("Cash is falling. It was $4.62m at the end of October.") == [("$4.62m", "found")]


def test_without_any_name_only_an_exact_figure_of_the_newest_month_counts() -> None:
    assert classes("We closed with $2.41m.") == [("$2.41m", "found")]
    assert classes("We closed with $2.4m.") == [("$2.4m", "not_found")]
    assert classes("We closed with $2.39m.") == [("$2.39m", "not_found")]


def test_a_goal_without_a_metric_beside_it_is_known() -> None:
    assert classes("The goal is 95%.") == [("95%", "found")]


def test_tables_are_read_by_their_headings_and_rows() -> None:
    text = (
        "| Month | Revenue, $k | Change | Margin |\n|---|---:|---:|---:|\n"
        "| Sep 2026 | 2,386 | +3.6% | 41.2% |\n| Oct 2026 | 2,412 | −1.1% | 41.2% |\n| Average | 2,399 | | 39.8% |\n"
    )
    assert [cls for _, cls in classes(text)] == [
        *("found", "calculated", "found"),
        *("found", "not_found", "not_found"),
        *("calculated", "calculated"),
    ]


def test_brackets_hold_what_is_compared_with() -> None:
    assert classes("DSO is 47 days (September: 45) (44).")[:2] == [("47 days", "found"), ("45", "found")]


def test_deals_are_known_by_their_names() -> None:
    said = "The offer to Fjord Shipping is €84k. Baumann Group has an offer of €84k."
    assert [cls for _, cls in classes(said, name="lumen")] == ["found", "not_found"]
    assert only("Fjord Shipping: weighted €50.4k.", name="lumen").evidence()["calculation"] == "€84k × 60.0% = €50k"


def test_texts_that_the_server_worked_out_are_facts_too() -> None:
    found = check("The Lyon office would cost $310k a year.", NORTHWIND, texts=["The Lyon office costs $310k a year."])
    assert [(one.text, one.cls) for one in found] == [("$310k", "found")]


def test_a_deal_is_found_through_the_facts_given_beside_the_company() -> None:
    deal = Deal("Orion Mills", "Offer", "currency", Decimal(73_500), date(2026, 11, 2), "crm")
    (found,) = check("Orion Mills has an offer of $73,500.", NORTHWIND, deals=[deal])
    assert found.match
    assert (found.cls, found.match.facts, found.match.source) == ("found", ("deal:Orion Mills/Offer",), "crm")


@pytest.mark.parametrize(
    "text",
    [
        "Umsatz im Februar: 3.930.000 €.",
        "Umsatz im Februar: 3 930 000 €.",
        "Umsatz im Februar: 3'930'000 €.",
        "Umsatz im Februar: 3,93 Mio. €.",
        "Umsatz im Februar: EUR 3.93m.",
        "Umsatz im Februar: 3.930 T€.",
    ],
)
def test_numbers_of_every_country_are_read(text: str) -> None:
    assert only(text, name="kessler").cls == "found"


def series(key: str, name: str, values: list[int], **more: object) -> Series:
    points = tuple(Point(months.shift(date(2026, 1, 1), n), Decimal(v)) for n, v in enumerate(values))
    return Series(**{"key": key, "name": name, "unit": "currency", "points": points, **more})  # type: ignore[arg-type]


GOAL = GoalRecord(
    "s", "Sales", "sales", Decimal(4_500_000), "currency", "at_least", date(2026, 1, 1), date(2026, 12, 31)
)
SMALL = Facts(
    date(2026, 5, 4),
    Company("Acme", currency="USD"),
    metrics=(
        series("cash", "Cash", [900_000, 800_000, 700_000, 600_000], aggregation="last"),
        series("net_burn", "Net burn", [100_000, 100_000, 100_000, 100_000]),
        series("sales", "Sales", [310_000, 320_000, 330_000, 340_000]),
    ),
    goals=(
        GoalRecord(
            "s", "Sales", "sales", Decimal(4_500_000), "currency", "at_least", date(2026, 1, 1), date(2026, 12, 31)
        ),
    ),
)


@pytest.mark.parametrize(
    ("text", "calculation"),
    [
        ("Runway is 6 months.", "Cash ÷ Net burn, April 2026 = 6"),
        (
            "To reach the target, sales need $400k a month.",
            "from $1.30m so far to $4.5m: 8 months remain, each needs $400k",
        ),
        ("Sales are $3.2m short of the target.", "$4.5m − $1.30m (so far) = $3.20m"),
        ("At this pace sales end the year at $4.02m.", "if nothing changes, the period ends at $4.02m"),
        (
            "On average sales were $325k.",
            "average of 4 months ($310k, $320k, $330k, $340k), January 2026 to April 2026 = $325k",
        ),
        ("Sales so far are 29% of the target.", "$1.30m ÷ $4.5m = 28.9%"),
    ],
)  # fmt: skip
def test_arithmetic_is_told_with_its_figures(text: str, calculation: str) -> None:
    (found,) = [one for one in check(text, SMALL) if one.cls == "calculated"]
    assert found.evidence()["calculation"] == calculation


@pytest.mark.parametrize(
    ("text", "cls"),
    [
        ("If all three measures land, the last two months come to 40.4%.", "calculated"),
        ("If all three measures land, the year comes to 40.8%.", "calculated"),
        ("If all three measures land, the year comes to 41.2%.", "not_found"),
        ("Halden Process is 35.0% of overdue receivables.", "calculated"),
        ("Halden Process is 53.0% of overdue receivables.", "not_found"),
        ("The closed Rotterdam lane cost 0.8 points of on-time delivery.", "found"),
        ("The closed Rotterdam lane cost 0.3 points of on-time delivery.", "not_found"),
        ("Of the 2.8 points of gross margin explained, 1.7 will pass.", "calculated"),
        ("Twelve OEM accounts bring 58% of revenue.", "found"),
        ("Twelve OEM accounts bring 85% of revenue.", "not_found"),
        ("Users grew slower than sessions: 25.4% against 26.6% on the year.", "calculated"),
        ("Gross margin: 41.2% → 38.4% in October.", "found"),
        ("Revenue is $22.8m so far this year.", "calculated"),
        ("Air freight ends the year at $382k on average so far.", "calculated"),
        ("Cash averaged $4.73m over the last three months.", "calculated"),
        ("Our best month for gross margin was 41.5%.", "found"),
        ("Our best month for gross margin was 41.4%.", "not_found"),
    ],
)
def test_what_officers_say_of_causes_goals_and_records(text: str, cls: str) -> None:
    assert cls in {one.cls for one in of(text)}
    assert {one.cls for one in of(text)} <= {cls, "found", "not_a_claim"}


def test_facts_without_anything_find_nothing() -> None:
    empty = Facts(date(2026, 5, 4), Company("Acme"))
    assert [one.cls for one in check("Revenue was $2.41m, up 3%.", empty)] == ["not_found", "not_found"]
    assert check("", prepared(empty)) == []
