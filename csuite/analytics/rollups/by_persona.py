"""By persona and the version of its prompt."""

from django.db import models

from csuite.analytics.rollups.measures import CallCell, by_time


class PersonaCell(CallCell):
    persona = models.CharField(max_length=40, blank=True)
    prompt_version = models.CharField(max_length=120, blank=True)

    dimensions = ("persona", "prompt_version")

    class Meta(CallCell.Meta):
        db_table = "rollup_persona"
        indexes = by_time("rollup_persona_time")
