"""By task and kind: the stages of a turn and the steps of a deal analysis."""

from django.db import models

from csuite.analytics.rollups.measures import CallCell, by_time


class StageCell(CallCell):
    task = models.CharField(max_length=40)
    kind = models.CharField(max_length=40, blank=True)

    dimensions = ("task", "kind")

    class Meta(CallCell.Meta):
        db_table = "rollup_stage"
        indexes = by_time("rollup_stage_time")
