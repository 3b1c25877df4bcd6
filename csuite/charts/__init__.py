"""Figures to SVG. Pure: values in, markup out; the tokens of the design colour it in both themes."""

from csuite.charts.bands import Band, band
from csuite.charts.bars import Bar, stacked_bars
from csuite.charts.burn import Burn, burn
from csuite.charts.lines import Line, line
from csuite.charts.spark import sparkline

__all__ = ["Band", "Bar", "Burn", "Line", "band", "burn", "line", "sparkline", "stacked_bars"]
