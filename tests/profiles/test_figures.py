"""The key figures are those of the home page."""

from dataclasses import replace
from decimal import Decimal

import pytest

from csuite.profiles.figures import KeyFigure, key_figure, lede
from csuite.profiles.records import Point, Series
from tests.profiles.northwind import OCTOBER, facts, series


def figure(key: str) -> KeyFigure:
    return key_figure(series(key), facts().goals)


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("revenue", ("Revenue", "Oct", "$2.41m", "13.8%", "on Oct 2025", "up", True)),
        ("gross_margin_pct", ("Gross margin", "Target 41%", "38.4%", "2.8 points", "on Sep", "down", False)),
        ("order_intake", ("Order intake", "Oct", "$2.60m", "18.8%", "on Oct 2025", "up", True)),
        ("dso", ("Days sales outstanding", "Oct", "47", "5 days", "since July", "up", False)),
    ],
)
def test_a_key_figure_reads_as_designed(key: str, shown: tuple[object, ...]) -> None:
    found = figure(key)
    assert (
        found.label,
        found.note,
        found.text,
        found.delta,
        found.delta_note,
        found.direction,
        found.is_good,
    ) == shown


def test_a_key_figure_carries_its_sparkline() -> None:
    found = figure("gross_margin_pct")
    assert len(found.series) == len(found.periods) == 18
    assert found.periods[-1] == OCTOBER
    assert found.target == 41
    assert found.is_bad
    assert found.description == "Gross margin, 18 months, from 40.2% to 38.4%"
    assert figure("revenue").target is None


def test_the_lede_names_the_best_and_the_worst() -> None:
    found = [figure(key) for key in ("revenue", "gross_margin_pct", "order_intake", "dso")]
    assert lede(found) == "October brought record revenue of $2.41m, but gross margin slipped to 38.4%."


def test_the_lede_does_with_what_there_is() -> None:
    assert lede([]) == ""
    assert lede([figure("order_intake")]) == "October brought record order intake of $2.60m."
    assert lede([figure("gross_margin_pct")]) == "In October, gross margin slipped to 38.4%."
    neutral = replace(figure("revenue"), is_good=None)
    assert lede([neutral]) == ""


def test_a_single_month_has_no_delta() -> None:
    one = Series("x", "X", "count", aggregation="last", points=(Point(OCTOBER, Decimal(3)),))
    found = key_figure(one)
    assert (found.delta, found.direction, found.is_good) == ("", "level", None)


def test_a_month_like_the_one_before_is_level() -> None:
    two = Series("x", "X", "count", aggregation="last", points=(Point(OCTOBER, Decimal(3)),) * 2)
    assert key_figure(two).direction == "level"


def test_without_points_there_is_no_figure() -> None:
    with pytest.raises(ValueError, match="no figures"):
        key_figure(Series("x", "X", "count"))
