"""A value a period with its range (csuite/charts/bands.py)."""

import re

from csuite.charts import Band, band


def drawn(data: Band) -> str:
    return band(data, name="x", title="Money <in>", about="Most in B", say=lambda value: f"${value:.0f}")


def test_the_band_spans_low_and_high_and_the_highest_value_is_named() -> None:
    svg = drawn(Band(["A", "B", "C"], [10, 40, 20], [0, 20, 10], [20, 80, 30]))
    assert svg.count("<svg") == 2
    assert "Money &lt;in&gt;" in svg
    assert svg.count(">$40</text>") == 4  # the label of the top beside the tick, in both drawings
    corners = re.search(r'<polygon class="g-band" points="([^"]*)"', svg)
    assert corners is not None
    points = [tuple(map(float, point.split(","))) for point in corners[1].split()]
    assert len(points) == 6
    assert all(
        high[0] == low[0] and high[1] < low[1] for high, low in zip(points[:3], reversed(points[3:]), strict=True)
    )


def test_a_single_period_and_one_without_money_are_drawn_and_none_is_not() -> None:
    assert drawn(Band([], [], [], [])) == ""
    assert "g-dot" in drawn(Band(["A"], [5], [1], [9]))
    assert "nan" not in drawn(Band(["A", "B"], [0, 0], [0, 0], [0, 0]))
