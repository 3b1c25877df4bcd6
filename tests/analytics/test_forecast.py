"""The month-end forecast: weekdays count, the range holds four of five times, and too little history gives none."""

import random
from datetime import date, timedelta

import pytest

from csuite.analytics.forecast import DAY, LEAST, forecast, weekday_rates

START = date(2025, 1, 1)


def series(days: int, seed: int = 1, noise: float = 0.25, growth: float = 0.0) -> dict[date, float]:
    """Working days near 27, weekends near 3, with noise and now and then a spike."""
    chance = random.Random(seed)
    found = {}
    for n in range(days):
        day = START + n * DAY
        level = (3 if day.weekday() > 4 else 27) * (1 + growth * n / 30)
        spike = 1.8 if chance.random() < 0.02 else 1.0
        found[day] = max(0.0, level * spike * chance.gauss(1, noise))
    return found


def month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def backtest(costs: dict[date, float], every: int = 3) -> tuple[float, float, int]:
    """(share of months that ended within the range, median error, forecasts) from the 5th to the 25th of months."""
    inside, errors = 0, []
    days = sorted(costs)
    for today in days[150:-31:every]:
        if not 5 <= today.day <= 25:
            continue
        begin, end = today.replace(day=1), month_end(today)
        known = {day: cost for day, cost in costs.items() if day < today}
        spent = sum(cost for day, cost in known.items() if day >= begin)
        said = forecast(known, today, end, spent)
        assert said is not None
        real = sum(costs[begin + n * DAY] for n in range((end - begin).days))
        assert said.end.low is not None
        assert said.end.high is not None
        inside += said.end.low <= real <= said.end.high
        errors.append(abs(said.end.total / real - 1))
    return inside / len(errors), sorted(errors)[len(errors) // 2], len(errors)


def test_a_day_to_come_costs_what_its_weekday_did() -> None:
    costs = {START + n * DAY: float((START + n * DAY).weekday()) for n in range(60)}
    today = START + 60 * DAY
    assert weekday_rates(costs, START, today) == pytest.approx([0, 1, 2, 3, 4, 5, 6])
    said = forecast(costs, today, today + 7 * DAY, 100)
    assert said is not None
    assert said.end.total == pytest.approx(121)
    assert said.end.low == pytest.approx(121)
    assert said.end.high == pytest.approx(121)
    assert said.typical_error == pytest.approx(0)


def test_what_today_has_cost_already_is_not_counted_twice() -> None:
    today = START + 60 * DAY
    costs = {START + n * DAY: 10.0 for n in range(60)}
    for so_far, end in ((0.0, 110.0), (4.0, 110.0), (25.0, 125.0)):
        said = forecast({**costs, today: so_far}, today, today + DAY, 100 + so_far)
        assert said is not None
        assert said.end.total == pytest.approx(end)


def test_the_recent_weeks_count_more() -> None:
    costs = {START + n * DAY: 10.0 if n < 40 else 20.0 for n in range(60)}
    assert 15 < weekday_rates(costs, START, START + 60 * DAY)[0] < 20


@pytest.mark.parametrize("seed", range(3))
def test_four_of_five_months_end_within_the_range(seed: int) -> None:
    inside, error, count = backtest(series(500, seed))
    assert count > 50
    assert 0.6 <= inside <= 0.97
    assert error < 0.08


@pytest.mark.long
def test_the_range_holds_over_many_histories_growing_ones_too() -> None:
    found = [backtest(series(420, seed, growth=growth), every=2) for seed in range(5) for growth in (0.0, 0.05)]
    mean = sum(inside for inside, _, _ in found) / len(found)
    assert 0.74 <= mean <= 0.88
    assert max(error for _, error, _ in found) < 0.1


def test_too_little_history_foresees_nothing() -> None:
    today = START + (LEAST - 1) * DAY
    assert forecast({START: 5.0}, today, today + 9 * DAY, 5) is None
    assert forecast({}, START, START + 9 * DAY, 0) is None
    assert forecast(series(60), START + 70 * DAY, START + 70 * DAY, 0) is None


def test_two_weeks_give_a_forecast_but_no_range() -> None:
    today = START + LEAST * DAY
    said = forecast(series(LEAST), today, today + 9 * DAY, 0)
    assert said is not None
    assert (said.end.low, said.end.high, said.typical_error) == (None, None, None)


def test_nothing_spent_foresees_nothing_spent() -> None:
    said = forecast({START + n * DAY: 0.0 for n in range(90)}, START + 90 * DAY, START + 99 * DAY, 0)
    assert said is not None
    assert said.end.total == 0
