"""Figures to SVG. Pure: values in, markup out; the tokens of the design colour it in both themes."""

from csuite.charts.spark import sparkline

__all__ = ["sparkline"]
