"""What our caches did: hits, misses and evictions, and what a hit saved."""

from django.db import models

from csuite.analytics.rollups.measures import Cell, Source, by_time, count, sum_of_money


class CacheCell(Cell):
    cache = models.CharField(max_length=20)
    task = models.CharField(max_length=40, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    hits = count()
    misses = count()
    evictions = count()
    tokens_saved = count()
    cost = sum_of_money()  # not spent, as far as it is known

    dimensions = ("cache", "task")
    source = Source("cache_event", "at", corrected=False)
    rows = "hits + misses + evictions"
    measures = {
        "hits": "count(*) FILTER (WHERE event = 'hit')",
        "misses": "count(*) FILTER (WHERE event = 'miss')",
        "evictions": "count(*) FILTER (WHERE event = 'eviction')",
        "tokens_saved": "coalesce(sum(tokens_saved), 0)",
        "cost": "coalesce(sum(cost_saved), 0)",
    }

    class Meta(Cell.Meta):
        db_table = "rollup_cache"
        indexes = by_time("rollup_cache_time")
