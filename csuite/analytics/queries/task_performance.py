"""How well and how fast each task is done."""

from csuite.analytics.queries import columns as c
from csuite.analytics.queries.report import Group, Query
from csuite.analytics.rollups import ModelCell, StageCell

QUERY = Query(
    name="task-performance",
    about="How fast, how reliably and at which cost each task is done.",
    groups={
        "task": Group(ModelCell, ("task",)),
        "model": Group(ModelCell, ("task", "provider", "model")),
        "kind": Group(StageCell, ("task", "kind")),
    },
    columns=(
        c.CALLS,
        c.ANSWERED,
        c.FAILED,
        c.STOPPED,
        c.ERROR_RATE,
        c.COMPLETION,
        c.JSON_RATE,
        c.TTFT_P50,
        c.TTFT_P95,
        c.TOTAL_P50,
        c.TOTAL_P95,
        c.SPEED_P50,
        c.mean("output_per_call", "Tokens of an answer.", "output_tokens"),
        c.COST,
        c.UNPRICED,
        c.COST_PER_CALL,
    ),
)
