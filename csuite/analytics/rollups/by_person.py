"""By person; null is the platform itself."""

from django.db import models

from csuite.analytics.rollups.measures import CallCell, by_time


class PersonCell(CallCell):
    user = models.UUIDField(null=True)

    dimensions = ("user",)

    class Meta(CallCell.Meta):
        db_table = "rollup_person"
        indexes = by_time("rollup_person_time")
