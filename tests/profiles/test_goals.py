"""Where goals stand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from csuite.profiles.formatting import rounded
from csuite.profiles.goals import standing
from csuite.profiles.records import GoalRecord, Series
from tests.profiles.northwind import facts, series


def goal(key: str) -> GoalRecord:
    return next(goal for goal in facts().goals if goal.key == key)


def test_the_margin_goal_is_out_of_reach() -> None:
    found = standing(goal("gross-margin"), series("gross_margin_pct"), series("revenue"))
    assert found is not None
    assert found.needed is not None
    assert found.unchanged is not None
    assert found.made is not None
    assert rounded(found.needed, 1) == Decimal("41.7")
    assert found.best.value == Decimal("41.5")
    assert found.out_of_reach
    assert not found.met
    assert found.ends_met is False
    assert rounded(found.unchanged, 1) == Decimal("40.4")
    assert rounded(found.made / 100_000, 0) == Decimal(9_325)
    assert found.weight_done == 22_825_000
    assert sum(found.ahead) == 4_940_000
    assert not found.assumed
    assert found.remaining == (date(2026, 11, 1), date(2026, 12, 1))


def test_without_a_forecast_the_last_weight_is_repeated_and_said_to_be_assumed() -> None:
    revenue = replace(series("revenue"), forecast=())
    found = standing(goal("gross-margin"), series("gross_margin_pct"), revenue)
    assert found is not None
    assert found.assumed
    assert sum(found.ahead) == 2 * 2_412_000


def test_a_missing_weight_falls_back_to_the_simple_average() -> None:
    revenue = series("revenue")
    holes = replace(revenue, points=revenue.points[:-1])
    found = standing(goal("gross-margin"), series("gross_margin_pct"), holes)
    assert found is not None
    assert found.made is None
    assert found.needed is not None


def test_the_delivery_goal_needs_97_7() -> None:
    found = standing(goal("on-time-delivery"), series("on_time_delivery_pct"))
    assert found is not None
    assert found.needed == Decimal("97.7")
    assert found.out_of_reach


def test_revenue_is_on_track_and_the_forecast_says_more() -> None:
    found = standing(goal("revenue"), series("revenue"))
    assert found is not None
    assert found.reached == 22_825_000
    assert found.expected == 27_765_000
    assert found.ends_met
    assert found.gap == 27_500_000 - 22_825_000


def test_a_level_counts_by_its_last_month_only() -> None:
    found = standing(goal("concentration"), series("largest_customer_pct"))
    assert found is not None
    assert found.reached == found.now == Decimal("11.2")
    assert found.gap == Decimal("3.2")
    assert found.needed is None
    assert not found.out_of_reach
    cash = standing(goal("covenant"), series("cash"))
    assert cash is not None
    assert cash.met
    assert cash.ends_met


def test_a_closed_period_needs_nothing_more() -> None:
    past = replace(goal("on-time-delivery"), start=date(2026, 8, 1), deadline=date(2026, 10, 31))
    found = standing(past, series("on_time_delivery_pct"))
    assert found is not None
    assert found.remaining == ()
    assert found.needed is None
    assert not found.met


def test_a_period_that_has_not_begun_is_all_ahead() -> None:
    coming = replace(goal("on-time-delivery"), start=date(2027, 1, 1), deadline=date(2027, 3, 31))
    found = standing(coming, series("on_time_delivery_pct"))
    assert found is not None
    assert len(found.remaining) == 3
    assert found.needed == 95
    assert found.reached == found.now


def test_without_figures_there_is_no_standing() -> None:
    assert standing(goal("revenue"), Series("revenue", "Revenue", "currency")) is None
