"""Where the time and the money of a turn go."""

from csuite.analytics.queries import columns as c
from csuite.analytics.queries.report import Group, Query
from csuite.analytics.rollups import StageCell

QUERY = Query(
    name="cycle-breakdown",
    about="The stages of a turn and the steps of a deal analysis: time, tokens and cost of each.",
    groups={"kind": Group(StageCell, ("task", "kind")), "task": Group(StageCell, ("task",))},
    columns=(
        c.CALLS,
        c.FAILED,
        c.MEAN_MS,
        c.TOTAL_P50,
        c.TOTAL_P95,
        c.total("total_ms", "Whole time of all attempts."),
        c.share("share_of_time", "Of the time of all rows.", "total_ms"),
        c.TOKENS,
        c.COST,
        c.UNPRICED,
        c.SHARE_OF_COST,
    ),
)
