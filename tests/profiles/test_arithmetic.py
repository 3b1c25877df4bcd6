"""Arithmetic gives the figures of the design exactly, and keeps its own rules."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csuite.profiles import arithmetic as a
from csuite.profiles.formatting import rounded
from tests.profiles.northwind import OCTOBER, series, values

figures = st.decimals(min_value=-1_000_000, max_value=1_000_000, places=2)
weights = st.decimals(min_value=Decimal("0.01"), max_value=1_000_000, places=2)
CENT = Decimal("0.0001")


def year(key: str) -> list[Decimal]:
    return [point.value for point in series(key).within(date(2026, 1, 1), OCTOBER)]


def test_margin_fell_by_2_8_points_on_september() -> None:
    *_, september, october = values("gross_margin_pct")
    assert a.Change(september, october).absolute == Decimal("-2.8")


@pytest.mark.parametrize(
    ("key", "on_year"), [("revenue", "13.8"), ("order_intake", "18.8")], ids=["revenue", "order intake"]
)
def test_change_on_the_year_is_the_one_of_the_home_page(key: str, on_year: str) -> None:
    change = a.Change(values(key)[-13], values(key)[-1]).relative
    assert change is not None
    assert rounded(change, 1) == Decimal(on_year)


def test_sessions_rose_by_5_2_per_cent() -> None:
    change = a.Change(values("sessions")[-2], values("sessions")[-1]).relative
    assert change is not None
    assert rounded(change, 1) == Decimal("5.2")


def test_the_year_needs_41_7_per_cent_in_the_last_two_months() -> None:
    needed = a.needed_weighted(Decimal(41), year("gross_margin_pct"), year("revenue"), [Decimal(4_940_000)])
    assert rounded(needed, 1) == Decimal("41.7")


def test_the_year_closes_at_40_4_per_cent_if_nothing_changes_and_at_40_8_if_two_points_come_back() -> None:
    done, by = year("gross_margin_pct"), year("revenue")
    assert rounded(a.projected_weighted(Decimal("38.4"), done, by, [Decimal(4_940_000)]), 1) == Decimal("40.4")
    assert rounded(a.projected_weighted(Decimal("40.4"), done, by, [Decimal(4_940_000)]), 1) == Decimal("40.8")


def test_revenue_of_ten_months_with_the_forecast_is_27_765_thousand() -> None:
    assert a.total([*year("revenue"), Decimal(4_940_000)]) == Decimal(27_765_000)


def test_on_time_delivery_would_need_97_7_per_cent() -> None:
    assert a.needed_mean(Decimal(95), [Decimal("89.6")], 2) == Decimal("97.7")


def test_days_sales_outstanding_rose_three_months_in_a_row() -> None:
    assert values("dso")[-4:] == [42, 44, 45, 47]
    assert a.streak(values("dso")) == 3
    assert a.is_record(values("dso")) == "high"


def test_margin_has_left_its_range() -> None:
    margin = values("gross_margin_pct")
    assert (min(margin[:-1]), max(margin[:-1])) == (Decimal("40.1"), Decimal("41.5"))
    assert a.is_record(margin) == "low"


def test_a_streak_ends_at_a_turn_or_a_standstill() -> None:
    assert a.streak([Decimal(n) for n in (1, 2, 3, 2, 1)]) == -2
    assert a.streak([Decimal(n) for n in (1, 2, 2)]) == 0
    assert a.streak([Decimal(1)]) == 0
    assert a.streak([]) == 0


def test_two_figures_are_no_record() -> None:
    assert a.is_record([Decimal(1), Decimal(2)]) is None
    assert a.is_record([Decimal(3), Decimal(1), Decimal(2)]) is None


def test_a_change_from_zero_has_no_relative_size() -> None:
    assert a.Change(Decimal(0), Decimal(5)).relative is None
    assert a.share(Decimal(1), Decimal(0)) is None
    assert a.share(Decimal(1), Decimal(4)) == 25


def test_what_cannot_be_computed_is_refused() -> None:
    one = [Decimal(1)]
    with pytest.raises(ValueError, match="at least one"):
        a.mean([])
    with pytest.raises(ValueError, match="needs a weight"):
        a.weighted_mean(one, [])
    with pytest.raises(ValueError, match="sum to zero"):
        a.weighted_mean(one, [Decimal(0)])
    with pytest.raises(ValueError, match="no period"):
        a.needed_mean(Decimal(1), one, 0)
    with pytest.raises(ValueError, match="no period"):
        a.needed_sum(Decimal(1), one, 0)
    with pytest.raises(ValueError, match="no weight"):
        a.needed_weighted(Decimal(1), one, one, [])


@given(figures, st.lists(figures, max_size=20), st.integers(min_value=1, max_value=12))
@settings(deadline=None)
def test_what_is_needed_reaches_the_average(target: Decimal, done: list[Decimal], remaining: int) -> None:
    needed = a.needed_mean(target, done, remaining)
    assert abs(a.mean([*done, *[needed] * remaining]) - target) < CENT


@given(figures, st.lists(figures, max_size=20), st.integers(min_value=1, max_value=12))
@settings(deadline=None)
def test_what_is_needed_reaches_the_sum(target: Decimal, done: list[Decimal], remaining: int) -> None:
    needed = a.needed_sum(target, done, remaining)
    assert abs(a.total([*done, *[needed] * remaining]) - target) < CENT


@given(
    st.decimals(min_value=0, max_value=100, places=1),
    st.lists(st.tuples(st.decimals(min_value=0, max_value=100, places=1), weights), max_size=12),
    st.lists(weights, min_size=1, max_size=6),
)
@settings(deadline=None)
def test_what_is_needed_reaches_the_weighted_average(
    target: Decimal, done: list[tuple[Decimal, Decimal]], coming: list[Decimal]
) -> None:
    figures_done, weights_done = [v for v, _ in done], [w for _, w in done]
    needed = a.needed_weighted(target, figures_done, weights_done, coming)
    whole = a.weighted_mean([*figures_done, *[needed] * len(coming)], [*weights_done, *coming])
    assert abs(whole - target) < CENT
    assert abs(a.projected_weighted(needed, figures_done, weights_done, coming) - target) < CENT


@given(st.lists(st.tuples(figures, weights), min_size=1, max_size=20))
@settings(deadline=None)
def test_a_weighted_average_lies_between_its_figures(pairs: list[tuple[Decimal, Decimal]]) -> None:
    found = a.weighted_mean([v for v, _ in pairs], [w for _, w in pairs])
    assert min(v for v, _ in pairs) - CENT <= found <= max(v for v, _ in pairs) + CENT


@given(figures, figures)
@settings(deadline=None)
def test_a_change_leads_from_before_to_after(before: Decimal, after: Decimal) -> None:
    change = a.Change(before, after)
    assert before + change.absolute == after
    if change.relative is not None:
        assert abs(before + abs(before) * change.relative / 100 - after) < CENT


@given(st.lists(figures, max_size=20))
@settings(deadline=None)
def test_a_streak_counts_steps_in_one_direction(figures: list[Decimal]) -> None:
    run = a.streak(figures)
    assert abs(run) < max(1, len(figures))
    tail = figures[len(figures) - 1 - abs(run) :] if figures else []
    assert tail == sorted(tail, reverse=run < 0) or run == 0
