"""Bars and the burn of a budget: values where the axis says they are, in a tree that a browser can read."""

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csuite.charts import Bar, Burn, burn, stacked_bars
from csuite.charts.axis import round_ticks

money = st.floats(0, 1e9, allow_nan=False)


def say(value: float) -> str:
    return f"${value:,.2f}"


def bars(*values: list[float]) -> str:
    return stacked_bars(
        [Bar(f"{n + 1}", row) for n, row in enumerate(values)], name="t", title="Cost", about="<by day>", say=say
    )


def drawn(markup: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(f"<all>{markup}</all>"))


def rects(svg: Any) -> list[Any]:
    return list(svg.findall("rect"))


def test_both_widths_are_drawn_and_read_aloud() -> None:
    wide, narrow = drawn(bars([1, 2]))
    assert (wide.get("class"), narrow.get("class")) == (
        "chart__plot chart__plot--wide",
        "chart__plot chart__plot--narrow",
    )
    for svg in (wide, narrow):
        names = (svg.get("aria-labelledby") or "").split()
        assert [svg.find(f"*[@id='{name}']").text for name in names] == ["Cost", "<by day>"]  # type: ignore[union-attr]


def test_bars_stand_on_each_other_and_keep_their_proportions() -> None:
    wide, _ = drawn(bars([10, 30], [0, 20]))
    first, second, third = rects(wide)
    assert [one.get("class") for one in (first, second, third)] == ["s1", "s2", "s2"]
    assert float(second.get("height")) == pytest.approx(3 * float(first.get("height")), rel=0.05)
    assert float(second.get("y")) + float(second.get("height")) == pytest.approx(float(first.get("y")), abs=1)


def test_more_series_than_colours_are_the_rest() -> None:
    wide, _ = drawn(bars([1, 1, 1, 1, 1]))
    assert [one.get("class") for one in rects(wide)] == ["s1", "s2", "s3", "s4", "s0"]


def test_nothing_gives_no_drawing() -> None:
    assert stacked_bars([], name="t", title="", about="", say=say) == ""
    assert burn(Burn([], []), name="b", title="", about="", say=say) == ""


def test_names_are_only_text() -> None:
    assert "<script" not in stacked_bars(
        [Bar("<script>", [1])], name="t", title="<script>", about="<script>", say=lambda value: "<script>"
    )


@given(st.lists(st.lists(money, min_size=1, max_size=6), min_size=1, max_size=70))
def test_every_bar_lies_within_its_drawing(values: list[list[float]]) -> None:
    for svg in drawn(bars(*values)):
        _, _, width, height = (float(part) for part in (svg.get("viewBox") or "").split())
        for one in rects(svg):
            assert 0 <= float(one.get("x")) <= float(one.get("x")) + float(one.get("width")) <= width + 0.2
            assert 0 <= float(one.get("y")) <= float(one.get("y")) + float(one.get("height")) <= height + 0.2


@given(money)
def test_ticks_are_few_even_and_reach_the_highest(highest: float) -> None:
    ticks = round_ticks(highest)
    assert ticks[0] == 0
    assert 2 <= len(ticks) <= 7
    assert ticks[-1] >= highest * (1 - 1e-9)


def test_the_line_goes_on_dashed_within_its_range_and_the_limit_is_drawn() -> None:
    data = Burn(
        labels=["1", "2", "3", "4"], spent=[10, 20], ahead=[30, 40], low=[25, 30], high=[35, 50], limit=45.0
    )  # fmt: skip
    wide, _ = drawn(burn(data, name="b", title="Burn", about="", say=say))
    solid, dashed = wide.findall("polyline")
    assert len((solid.get("points") or "").split()) == 3
    assert len((dashed.get("points") or "").split()) == 3
    assert (solid.get("points") or "").split()[-1] == (dashed.get("points") or "").split()[0]
    assert wide.find("polygon[@class='g-band']") is not None
    assert "Budget $45.00" in "".join(wide.itertext())
    assert "$40.00 forecast" in "".join(wide.itertext())


def test_a_month_that_is_over_has_no_dashes_and_no_band() -> None:
    wide, _ = drawn(burn(Burn(["1", "2"], [1, 2]), name="b", title="", about="", say=say))
    assert len(wide.findall("polyline")) == 1
    assert wide.find("polygon") is None
