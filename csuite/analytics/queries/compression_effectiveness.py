"""What compression of prompts saves."""

from csuite.analytics.queries import columns as c
from csuite.analytics.queries.report import Group, Query
from csuite.analytics.rollups import ModelCell

QUERY = Query(
    name="compression-effectiveness",
    about="Input tokens that compression took away before they were sent. Tasks without compression are left out.",
    groups={"task": Group(ModelCell, ("task",)), "model": Group(ModelCell, ("provider", "model"))},
    columns=(
        c.total("compressed_calls", "Calls whose prompt became shorter.", "compressed"),
        c.total("tokens_saved", "Not sent.", "compression_saved"),
        c.INPUT,
        c.rate("saved_share", "Of what would have been sent.", "compression_saved", "compression_saved + input_tokens"),
    ),
    having="sum(compressed) > 0",
)
