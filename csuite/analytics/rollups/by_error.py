"""By kind of error, for attempts that failed or were stopped: where, and at which task."""

from django.db import models

from csuite.analytics.rollups.measures import CallCell, Source, by_time


class ErrorCell(CallCell):
    error_kind = models.CharField(max_length=30)
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=200)
    task = models.CharField(max_length=40)

    dimensions = ("error_kind", "provider", "model", "task")
    source = Source("ledger", "started_at", corrected=True, only="error_kind <> ''")

    class Meta(CallCell.Meta):
        db_table = "rollup_error"
        indexes = by_time("rollup_error_time")
