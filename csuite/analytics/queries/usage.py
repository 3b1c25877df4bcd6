"""What the usage page shows by whatever it groups: the figures of finance and those of quality."""

from csuite.analytics.queries import columns as c
from csuite.analytics.queries.cost_trend import QUERY as COST_TREND
from csuite.analytics.queries.report import Group, Query
from csuite.analytics.rollups import ModelCell

SPENT = Query(
    name="usage",
    about="Calls, tokens and cost.",
    groups=COST_TREND.groups,
    columns=(
        c.CALLS,
        c.FAILED,
        c.total("estimated", "Calls whose tokens the provider did not count."),
        c.TOKENS,
        c.COST,
        c.UNPRICED,
        c.total("unpriced_tokens", "Of calls without a price."),
        c.COST_PER_CALL,
        c.SHARE_OF_COST,
    ),
)

QUALITY = Query(
    name="quality",
    about="How fast and how reliably providers answer.",
    groups={"provider": Group(ModelCell, ("provider",))},
    columns=(c.CALLS, c.TTFT_P95, c.SPEED_P50, c.ERROR_RATE, c.UPTIME, c.COMPLETION, c.JSON_RATE),
)
