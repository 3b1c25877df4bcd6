"""By task and kind: the stages of a turn and the steps of a deal analysis."""

from django.db import models

from csuite.analytics.rollups.measures import TimedCell, by_time


class StageCell(TimedCell):
    task = models.CharField(max_length=40)
    kind = models.CharField(max_length=40, blank=True)

    dimensions = ("task", "kind")

    class Meta(TimedCell.Meta):
        db_table = "rollup_stage"
        indexes = by_time("rollup_stage_time")
