"""Which model was chosen for what."""

from csuite.analytics.queries import columns as c
from csuite.analytics.queries.report import Group, Query
from csuite.analytics.rollups import ModelCell

QUERY = Query(
    name="model-selection",
    about="Which models answered which task and tier, how often as a fallback, and at which cost.",
    groups={
        "task": Group(ModelCell, ("task", "tier", "provider", "model")),
        "tier": Group(ModelCell, ("tier", "provider", "model")),
        "model": Group(ModelCell, ("provider", "model")),
    },
    columns=(
        c.CALLS,
        c.SHARE_OF_CALLS,
        c.ANSWERED,
        c.FAILED,
        c.FALLBACKS,
        c.rate("fallback_rate", "Of the attempts.", "fallbacks", "calls"),
        c.COST,
        c.UNPRICED,
        c.COST_PER_CALL,
        c.SHARE_OF_COST,
    ),
)
