"""Insights: what each detector says, in words with figures, and how often it is right."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from bench import planted
from bench.insights import of_amounts, of_deals, of_goals, of_series
from csuite.personas.cashflow import Book, Override, predict_deal_dates
from csuite.personas.insights import (
    Aim,
    Finding,
    Series,
    find_concentration,
    find_goal_at_risk,
    find_moved,
    find_record,
    find_slipping,
    find_stale,
    find_trend_break,
    limits,
)
from csuite.personas.insights import trend_breaks as breaks
from tests.personas.cash import ago, deal

TODAY = planted.TODAY
SEEDS = (11, 12)
MARGIN = [40.6, 40.9, 41.2, 40.8, 41.0, 40.5, 41.3, 40.7, 41.1, 40.9, 40.6, 41.0, 40.8, 41.2, 40.7, 41.0, 40.9, 38.4]


def percent(value: float) -> str:
    return f"{value:.1f}%"


def trend(series: Series) -> Finding | None:
    return find_trend_break(series, TODAY)


def test_a_margin_that_leaves_its_range_is_told_with_what_was_expected() -> None:
    series = replace(planted.series(MARGIN, "margin"), name="Gross margin", show=percent, persona="cfo")
    found = trend(series)
    assert found is not None
    assert found.title == "Gross margin left the usual course in October 2026, for the worse"
    assert found.text.startswith("October 2026 closed at 38.4%. The 17 months before lead to 40.9%")
    assert dict(found.figures)["October 2026"] == "38.4%"
    assert (found.persona, found.about) == ("cfo", ("metric", "margin"))
    better = trend(replace(series, good="down"))
    neither = trend(replace(series, good="neither"))
    assert better is not None
    assert better.title.endswith("for the better")
    assert neither is not None
    assert neither.title.endswith("in October 2026")


def test_a_step_some_months_ago_is_dated() -> None:
    draw = Random(1)
    found = trend(planted.series([50 + 6 * (n >= 30) + draw.gauss(0, 1) for n in range(36)], "step"))
    assert found is not None
    assert "since May 2026" in found.title


@pytest.mark.parametrize("values", [[], [1.0] * 14, [7.0] * 40, list(range(14))])
def test_too_few_or_equal_values_break_nothing(values: list[float]) -> None:
    assert trend(planted.series(values, "flat")) is None


def test_a_season_is_no_break() -> None:
    draw = Random(4)
    values = [100 + 20 * (n % 12 == 11) + draw.gauss(0, 1) for n in range(60)]
    assert trend(planted.series(values, "december")) is None
    untold = replace(planted.series(values, "december"), season=0)
    assert trend(untold) is not None


def test_the_same_series_is_judged_the_same_each_time() -> None:
    series = planted.with_break(Random(3), "again")
    assert trend(series) == trend(series)


def test_trend_breaks_are_found_and_rarely_seen_where_there_are_none() -> None:
    shares = of_series(trend, planted.with_break, planted.without_break, SEEDS)
    assert shares["found"] >= 0.7
    assert shares["false_alarms"] <= 0.1


def test_a_year_and_a_half_of_months_that_swing_a_little_is_rarely_called_broken() -> None:
    draw = Random(18)
    alarms = [trend(planted.series(planted.course(draw, 18, season=False), str(n))) is not None for n in range(120)]
    assert sum(alarms) / len(alarms) <= 0.1


@pytest.mark.parametrize(
    "broken",
    [
        lambda series: trend(replace(series, points=series.points[:-10])),  # never sees the latest
        lambda series: trend(replace(series, points=tuple(sorted(series.points, key=lambda p: p[1])))),  # mixes time up
        lambda series: None,
    ],
)
def test_a_broken_detector_of_trend_breaks_shows_in_its_rates(broken: Callable[[Series], Finding | None]) -> None:
    shares = of_series(broken, planted.with_break, planted.without_break, SEEDS[:1])
    assert shares["found"] < 0.6 or shares["false_alarms"] > 0.1


def test_a_detector_that_cries_too_easily_shows_in_its_rates() -> None:
    def easily(series: Series) -> Finding | None:
        return SOME if breaks.break_in(series.values, series.season, series.key, alarms=0.5) else None

    assert of_series(easily, planted.with_break, planted.without_break, SEEDS[:1])["false_alarms"] > 0.25


SOME = Finding("record", "ceo", "", "", (), ("metric", "x"), TODAY, 1.0)


def test_a_record_is_told_with_the_one_before() -> None:
    values = [100.0, 130.0, 110.0, *[105.0, 112.0] * 6, 150.0]
    found = find_record(replace(planted.series(values, "sessions"), name="Sessions"), TODAY)
    assert found is not None
    assert found.title == "Sessions: the highest in 16 months"
    assert found.text == "150 in October 2026; the highest before was 130 in August 2025."
    lowest = find_record(planted.series([*values[:-1], 80.0], "sessions"), TODAY)
    assert lowest is not None
    assert "the lowest in 16 months" in lowest.title


def test_a_hair_more_than_before_and_a_short_series_are_no_record() -> None:
    values = [100.0, 130.0, *[105.0, 112.0] * 6]
    assert find_record(planted.series([*values, 130.5], "k"), TODAY) is None
    assert find_record(planted.series([1.0, 9.0], "k"), TODAY) is None
    assert find_record(planted.series([5.0] * 20, "k"), TODAY) is None


def test_records_are_found_and_rarely_by_chance() -> None:
    shares = of_series(lambda s: find_record(s, TODAY), planted.with_record, planted.without_record)
    assert shares["found"] >= 0.9
    assert shares["false_alarms"] <= 0.07
    blind = of_series(
        lambda s: find_record(replace(s, points=s.points[:-1]), TODAY),
        planted.with_record,
        planted.without_record,
        SEEDS,
    )
    assert blind["found"] < 0.3


def test_a_goal_at_risk_says_what_the_rest_would_have_to_bring() -> None:
    values = [94.0, 95.5, 93.8, 94.6, 95.0, 93.9, 94.4, 94.9, 94.1, 93.7, 94.5, 89.6]
    series = replace(planted.series(values, "otd"), name="On-time delivery", show=percent)
    assert [replace(series, season=4).counted(1), replace(series, season=0, days=366).counted(3)] == [
        "1 quarter",
        "3 years",
    ]
    aim = Aim(key="otd", title="on-time delivery 95%", target=95.0, start=date(2026, 10, 1), periods=3)
    found = find_goal_at_risk(series, aim, TODAY)
    assert found is not None
    assert found.title == "The goal “on-time delivery 95%” is at risk"
    assert "With 2 months left they have to average at least 97.7%" in found.text
    assert dict(found.figures)["Target"] == "at least 95.0%"


@pytest.mark.parametrize(
    ("changed", "at_risk"),
    [
        ({"target": 10.0}, False),
        ({"target": 10.0, "at_most": True}, True),
        ({"target": 90.0, "counts": "last"}, True),
        ({"target": 900.0, "counts": "sum"}, True),
        ({"target": 150.0, "counts": "sum"}, False),
        ({"target": 90.0, "periods": 1}, False),  # its time is over
        ({"target": 90.0, "start": date(2026, 9, 1), "periods": 3, "counts": "last"}, True),
    ],
)
def test_goals_of_every_kind_are_judged_by_the_course(changed: dict[str, object], at_risk: bool) -> None:
    draw = Random(2)
    series = planted.series([50 + draw.gauss(0, 1) for _ in range(24)], "k")
    aim = replace(Aim(key="k", title="k", target=50, start=date(2026, 10, 1), periods=3), **changed)  # type: ignore[arg-type]
    assert (find_goal_at_risk(series, aim, TODAY) is not None) is at_risk


def test_a_goal_on_a_course_without_scatter_or_history() -> None:
    aim = Aim(key="k", title="k", target=6.0, start=date(2026, 11, 1), periods=2)
    assert find_goal_at_risk(planted.series([5.0] * 8, "k"), aim, TODAY) is not None
    assert find_goal_at_risk(planted.series([7.0] * 8, "k"), aim, TODAY) is None
    assert find_goal_at_risk(planted.series([5.0] * 5, "k"), aim, TODAY) is None


def test_goals_called_at_risk_are_mostly_missed() -> None:
    shares = of_goals(lambda series, aim: find_goal_at_risk(series, aim, TODAY), SEEDS)
    assert shares["found"] >= 0.7
    assert shares["false_alarms"] <= 0.15
    assert shares["met_of_called"] <= 0.3
    blind = of_goals(lambda series, aim: find_goal_at_risk(series, replace(aim, at_most=True), TODAY), SEEDS)
    assert blind["found"] < 0.3


def test_a_missing_month_is_stale_after_its_usual_days() -> None:
    series = replace(planted.series([1.0, 2.0], "k", date(2026, 8, 1)), name="Churn")
    assert find_stale(series, date(2026, 10, 17)) is None
    found = find_stale(series, date(2026, 10, 21))
    assert found is not None
    assert found.title == "Churn has no value for September 2026"
    assert dict(found.figures)["Expected by"].endswith("October 2026")
    assert find_stale(series, date(2026, 10, 21), delays=(20, 30)) is None
    assert find_stale(replace(series, points=()), TODAY) is None


def test_stale_data_are_always_found_and_current_ones_never() -> None:
    shares = of_series(lambda s: find_stale(s, TODAY), planted.stale, planted.without_record, SEEDS)
    assert shares == {"found": 1.0, "false_alarms": 0.0}


def test_one_customer_with_much_is_told_and_three_with_most() -> None:
    amounts = {"Halden": Decimal(400), **{f"C{n}": Decimal(60) for n in range(10)}, "Credit": Decimal(-50)}
    found = find_concentration(amounts, "open deals", TODAY)
    assert found is not None
    assert found.title == "Halden holds 40% of open deals"
    assert found.about == ("customer", "Halden")
    three = {"A": Decimal(200), "B": Decimal(190), "C": Decimal(180), **{f"C{n}": Decimal(40) for n in range(10)}}
    many = find_concentration(three, "open deals", TODAY)
    assert many is not None
    assert many.title == "A, B, C hold 59% of open deals"
    assert find_concentration({"A": Decimal(9), "B": Decimal(1)}, "open deals", TODAY) is None
    assert of_amounts(SEEDS) == {"found": 1.0, "false_alarms": 0.0}


def test_deals_longer_in_their_stage_than_nearly_all_are_slipping() -> None:
    limit = limits(planted.past_stays(Random(1)))
    late = [planted.quoted("D1", 160), replace(planted.quoted("D2", 120), value=Decimal(900), title="Refit")]
    (found,) = find_slipping([*late, planted.quoted("D3", 5), deal(4, entered_on=None)], limit, TODAY)
    assert found.title == "2 deals worth 1000 sit in Quoted too long"
    assert (
        f"left Quoted within {limit['Quoted']} days. The largest of these, Refit (900), is there for 120." in found.text
    )
    assert limits(planted.past_stays(Random(1), 19)) == {}


def test_slipping_deals_are_found_and_moving_ones_rarely_called_so() -> None:
    shares = of_deals()
    assert shares["found"] >= 0.4
    assert shares["false_alarms"] <= 0.1


def test_a_payment_foretold_over_two_weeks_later_than_before_has_slipped() -> None:
    today = ago(0)
    set_later = {"D1": Override(payment_on=ago(-60)), "D2": Override(payment_on=ago(-30))}
    now = predict_deal_dates(Book([deal(1), deal(2), deal(3)]), today, "USD", overrides=set_later).predictions
    before = {"D1": ago(-60) - timedelta(days=15), "D2": ago(-30) - timedelta(days=14)}
    (found,) = find_moved(before, now, today)
    assert found.title == "D1 is expected 15 days later than before"
    assert found.about == ("deal", "D1")
