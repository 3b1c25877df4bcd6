"""By deal and task, for calls that belong to a deal."""

from django.db import models

from csuite.analytics.rollups.measures import CallCell, Source, by_time


class DealCell(CallCell):
    deal = models.UUIDField()
    task = models.CharField(max_length=40)

    dimensions = ("deal", "task")
    source = Source("ledger", "started_at", corrected=True, only="deal IS NOT NULL")

    class Meta(CallCell.Meta):
        db_table = "rollup_deal"
        indexes = by_time("rollup_deal_time")
