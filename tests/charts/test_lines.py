"""One value over time (csuite/charts/lines.py)."""

import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from csuite.charts import Line, line
from csuite.charts.lines import spanning


def drawn(data: Line) -> str:
    return line(data, name="m", title="A <b>", about="x & y", say=lambda value: f"{value:g}")


@pytest.mark.parametrize(
    ("low", "high"), [(38.4, 41.2), (0, 100), (-5, 7), (1e6, 2.6e6), (3, 3), (0, 0), (-7, -2), (99.95, 99.99)]
)
def test_ticks_are_round_and_span_the_values(low: float, high: float) -> None:
    ticks = spanning(low, high)
    assert ticks[0] <= low + 1e-9
    assert ticks[-1] >= high - 1e-9
    assert 2 <= len(ticks) <= 8
    steps = [b - a for a, b in pairwise(ticks)]
    assert max(steps) - min(steps) < 1e-6 * max(1.0, abs(high))


def test_values_near_zero_begin_at_zero_and_others_do_not() -> None:
    assert spanning(1, 100)[0] == 0
    assert spanning(38, 42)[0] > 0


def test_a_missing_month_breaks_the_line_and_a_forecast_is_dashed() -> None:
    svg = drawn(Line(["a", "b", "c", "d", "e"], [1, None, 2, 3], [4], target=2.5))
    wide = ET.fromstring(svg[: svg.index("</svg>") + 6])
    looks = [one.attrib["class"] for one in wide.iter("polyline")]
    assert looks == ["g-line", "g-line", "g-line g-dash"]
    assert len(list(wide.iter("circle"))) == 1
    assert [one.attrib["class"] for one in wide.iter("line") if "limit" in one.attrib["class"]] == ["g-limit"]


def test_without_a_value_nothing_is_drawn_and_words_are_escaped() -> None:
    assert drawn(Line(["a"], [None])) == ""
    assert "A &lt;b&gt;" in drawn(Line(["a"], [1]))
