"""What the work on each deal cost."""

from csuite.analytics.queries import columns as c
from csuite.analytics.queries.report import Group, Query
from csuite.analytics.rollups import DealCell

QUERY = Query(
    name="cost-per-deal",
    about="What the calls for each deal cost, or the tasks within each deal.",
    groups={"deal": Group(DealCell, ("deal",)), "task": Group(DealCell, ("deal", "task"))},
    columns=(c.CALLS, c.TOKENS, c.COST, c.UNPRICED, c.COST_PER_CALL, c.SHARE_OF_COST),
)
