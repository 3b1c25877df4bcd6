"""By provider and model, for which task and tier: who answers what, how well, at which price."""

from django.db import models

from csuite.analytics.rollups.measures import CallCell, by_time


class ModelCell(CallCell):
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=200)
    task = models.CharField(max_length=40)
    tier = models.CharField(max_length=20, blank=True)

    dimensions = ("provider", "model", "task", "tier")

    class Meta(CallCell.Meta):
        db_table = "rollup_model"
        indexes = by_time("rollup_model_time")
