"""The questions that rollups answer. One query is one file; here they are listed."""

from csuite.analytics.queries import (
    cache_effectiveness,
    compression_effectiveness,
    cost_per_deal,
    cost_trend,
    cycle_breakdown,
    error_analysis,
    model_selection,
    provider_comparison,
    task_performance,
    token_efficiency,
)
from csuite.analytics.queries.report import Query

QUERIES: tuple[Query, ...] = (
    cost_per_deal.QUERY,
    model_selection.QUERY,
    task_performance.QUERY,
    cache_effectiveness.QUERY,
    cost_trend.QUERY,
    provider_comparison.QUERY,
    token_efficiency.QUERY,
    compression_effectiveness.QUERY,
    error_analysis.QUERY,
    cycle_breakdown.QUERY,
)
