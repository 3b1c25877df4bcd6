"""What our caches save."""

from csuite.analytics.queries import columns as c
from csuite.analytics.queries.report import Group, Query
from csuite.analytics.rollups import CacheCell

QUERY = Query(
    name="cache-effectiveness",
    about="Hits, misses and what the hits saved; a hit counts at the price of the call it replaced.",
    groups={"cache": Group(CacheCell, ("cache",)), "task": Group(CacheCell, ("cache", "task"))},
    columns=(
        c.total("hits", "Answers that came from the cache."),
        c.total("misses", "Questions that the cache could not answer."),
        c.total("evictions", "Answers that were dropped to make room."),
        c.rate("hit_rate", "Hits of all lookups.", "hits", "hits + misses"),
        c.total("tokens_saved", "Tokens that no provider counted."),
        c.Column("cost_saved", "money", "Not spent, as far as prices are known.", "sum(money)"),
    ),
)
