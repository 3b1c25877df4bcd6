"""What goes wrong, and where."""

from csuite.analytics.queries import columns as c
from csuite.analytics.queries.report import Group, Query
from csuite.analytics.rollups import ErrorCell

QUERY = Query(
    name="error-analysis",
    about="Attempts that failed or were stopped, by kind; `rate` is of all attempts, those that went well included.",
    groups={
        "kind": Group(ErrorCell, ("error_kind",)),
        "provider": Group(ErrorCell, ("error_kind", "provider")),
        "model": Group(ErrorCell, ("error_kind", "provider", "model")),
        "task": Group(ErrorCell, ("error_kind", "task")),
    },
    columns=(
        c.CALLS.called("calls", "Attempts that ended so."),
        c.share("rate", "Of all attempts.", "calls", of="attempts"),
        c.FAILED,
        c.STOPPED,
        c.FALLBACKS,
        c.MEAN_MS,
        c.COST.called("cost", "Paid although nothing whole came of it."),
        c.UNPRICED,
    ),
    attempts=True,
)
