"""The business a tenant talks about: its profile, goals, metrics as time series, causes and insights."""

from csuite.profiles.models.goal import Goal
from csuite.profiles.models.insight import Insight, InsightMark
from csuite.profiles.models.interview import InterviewAnswer
from csuite.profiles.models.metric import Metric, MetricCause, MetricPoint
from csuite.profiles.models.profile import BusinessProfile
from csuite.profiles.models.revision import MetricRevision
from csuite.profiles.models.unit import Unit
from csuite.profiles.models.version import DataVersion

__all__ = [
    "BusinessProfile",
    "DataVersion",
    "Goal",
    "Insight",
    "InsightMark",
    "InterviewAnswer",
    "Metric",
    "MetricCause",
    "MetricPoint",
    "MetricRevision",
    "Unit",
]
