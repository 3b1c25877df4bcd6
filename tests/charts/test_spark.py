"""A sparkline shows its values in the design's classes, and says nothing it does not know."""

from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csuite.charts import sparkline
from csuite.charts.scale import Linear, coordinate


def drawn(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def test_a_line_runs_from_left_to_right_and_ends_in_a_dot() -> None:
    svg = drawn(sparkline([Decimal("1.96"), Decimal("2.10"), Decimal("2.41")], label="Revenue"))
    assert svg.get("aria-label") == "Revenue"
    line, dot = svg.find("polyline"), svg.find("circle")
    assert line is not None
    assert line.get("points") == "2,34 73,24.7 144,4"
    assert dot is not None
    assert (dot.get("cx"), dot.get("cy"), dot.get("class")) == ("144", "4", "g-dot")


def test_a_target_is_a_dashed_rule_and_stays_in_view() -> None:
    svg = drawn(sparkline([40, 41, 38.4], target=45))
    rule = svg.find("line")
    assert rule is not None
    assert (rule.get("class"), rule.get("y1")) == ("g-target", "4")


def test_a_bad_last_point_is_marked() -> None:
    dot = drawn(sparkline([1, 2], is_bad=True)).find("circle")
    assert dot is not None
    assert dot.get("class") == "g-dot g-dot--bad"


def test_a_missing_month_breaks_the_line() -> None:
    assert len(drawn(sparkline([1, 2, None, 3, 4])).findall("polyline")) == 2


def test_a_missing_last_month_puts_the_dot_on_the_last_known_one() -> None:
    dot = drawn(sparkline([1, 2, None])).find("circle")
    assert dot is not None
    assert dot.get("cx") == "73"


def test_no_values_draw_nothing() -> None:
    assert sparkline([]) == ""
    assert sparkline([None, None]) == ""


def test_equal_values_lie_in_the_middle() -> None:
    assert "2,19 144,19" in sparkline([5, 5])


def test_a_label_cannot_leave_its_attribute() -> None:
    assert drawn(sparkline([1, 2], label='"><script>&')).get("aria-label") == '"><script>&'


def test_one_drawing_holds_no_style_attribute() -> None:
    assert "style" not in sparkline([1, 2, 3], target=2, label="x")


finite = st.floats(-1e12, 1e12)


@given(st.lists(finite | st.none(), max_size=40), finite | st.none())
def test_every_point_lies_inside_the_drawing(values: list[float | None], target: float | None) -> None:
    svg = sparkline(values, target)
    if not svg:
        return
    for line in drawn(svg).findall("polyline"):
        for place in str(line.get("points")).split():
            x, y = (float(part) for part in place.split(","))
            assert 0 <= x <= 150
            assert 0 <= y <= 38


def test_a_scale_without_values_is_refused() -> None:
    with pytest.raises(ValueError):
        Linear.over([], 0, 1)


def test_coordinates_are_short() -> None:
    assert [coordinate(v) for v in (2, 24.667, 0.04)] == ["2", "24.7", "0"]
