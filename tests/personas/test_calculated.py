"""What an officer would have to calculate stands in its data already, with ids, and its age too."""

from dataclasses import replace
from datetime import date

from csuite.personas.briefing import headline, standing_sections
from csuite.personas.calculated import calculated_lines
from csuite.personas.evidence.checking import check
from csuite.personas.grounds import Grounds, days_late
from tests.personas.labelled import company, known


def test_runway_and_its_like_are_given_with_their_formula() -> None:
    lines = calculated_lines(known("vesper"))
    runway = next(line for line in lines if "[derived:runway]" in line)
    assert runway.startswith("- runway [derived:runway]: June 2026 11.91 months; the month before 12.37 months;")
    assert runway.endswith("(Cash ÷ Net burn)")


def test_sums_and_what_a_year_at_this_pace_would_be_are_given() -> None:
    (revenue,) = (line for line in calculated_lines(known("vesper")) if "[metric:revenue]" in line)
    assert "last 3 months $4.16m, the 3 months before $3.57m" in revenue
    assert "last 12 months $16.7m" in revenue
    assert "a year at the pace of June 2026 $17.4m" in revenue


def test_product_lines_come_with_their_share() -> None:
    facts, _ = company("vesper")
    (lines,) = (part for part in standing_sections(facts) if part.title == "By product line")
    assert lines.lines[0].endswith("47.0% of the whole")


def test_figures_of_the_data_block_are_found_or_calculated() -> None:
    facts, _ = company("vesper")
    ready = known("vesper")
    text = "Runway is 11.9 months. Revenue of the last 3 months was $4.16m, the 3 months before $3.57m."
    text += " Direct is 47.0% of revenue."
    wanted = ["11.9 months", "$4.16m", "$3.57m", "47.0%"]
    classes = {one.text: one.cls for one in check(text, ready)}
    assert [classes[figure] for figure in wanted] == ["calculated"] * 4
    assert calculated_lines(Grounds(facts).known()) == calculated_lines(ready)


def test_an_overdue_metric_says_so_to_the_officer() -> None:
    facts, _ = company("vesper")
    cash = next(one for one in facts.metrics if one.key == "cash")
    assert days_late(cash, date(2026, 8, 20)) == 0
    assert days_late(cash, date(2026, 9, 1)) == 12
    assert "out of date, the next value is 12 days late" in headline(cash, "USD", 12)
    assert "late" not in headline(cash, "USD")


def test_the_age_of_an_answer_is_that_of_the_metrics_it_uses() -> None:
    facts, _ = company("vesper")
    old = tuple(replace(one, points=one.points[:-2]) if one.key == "cash" else one for one in facts.metrics)
    grounds = Grounds(replace(facts, metrics=old, today=date(2026, 7, 9)))
    used = [{"class": "found", "metric": "cash"}]
    assert grounds.age(used) == {
        "as_of": "2026-04-30",
        "closed_on": None,
        "late": [{"metric": "cash", "name": "Cash", "days": 19}],
    }
    assert grounds.age([{"class": "not_found", "metric": None}]) == {
        "as_of": "2026-06-30", "closed_on": None, "late": []
    }  # fmt: skip
    assert Grounds(replace(facts, metrics=())).age() == {}
