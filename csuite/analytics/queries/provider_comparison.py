"""Providers side by side."""

from csuite.analytics.queries import columns as c
from csuite.analytics.queries.report import Group, Query
from csuite.analytics.rollups import ModelCell

QUERY = Query(
    name="provider-comparison",
    about="Cost, speed and reliability of providers, or of each of their models.",
    groups={"provider": Group(ModelCell, ("provider",)), "model": Group(ModelCell, ("provider", "model"))},
    columns=(
        c.CALLS,
        c.ERROR_RATE,
        c.UPTIME,
        c.FALLBACKS,
        c.TTFT_P50,
        c.TTFT_P95,
        c.TOTAL_P95,
        c.SPEED_P50,
        c.TOKENS,
        c.COST,
        c.UNPRICED,
        c.COST_PER_CALL,
        c.COST_PER_1K,
        c.Column("billed_cost", "money", "What the providers themselves said, where they do.", "sum(billed_cost)"),
        c.SHARE_OF_COST,
    ),
)
