"""Insights: what in a tenant's figures is worth a look, found by rules and statistics alone.

One file for each detector. Pure and deterministic: values in, findings out, each in plain words with its figures and
with a stated rate of false alarms.
"""

from csuite.personas.insights.concentration import find_concentration
from csuite.personas.insights.finding import Finding, Series
from csuite.personas.insights.goals import Aim, find_goal_at_risk
from csuite.personas.insights.records import find_record
from csuite.personas.insights.slipping import find_moved, find_slipping, limits
from csuite.personas.insights.stale import find_stale
from csuite.personas.insights.trend_breaks import find_trend_break

__all__ = [
    "Aim",
    "Finding",
    "Series",
    "find_concentration",
    "find_goal_at_risk",
    "find_moved",
    "find_record",
    "find_slipping",
    "find_stale",
    "find_trend_break",
    "limits",
]
