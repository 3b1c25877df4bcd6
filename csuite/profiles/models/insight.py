"""What was found in the data."""

from django.db import models

from csuite.tenants.models import TenantOwned


class Insight(TenantOwned):
    """Something worth knowing, in plain words with its figures. Names what it is about by kind and id."""

    class Kind(models.TextChoices):
        TREND_BREAK = "trend_break", "Trend break"
        RECORD = "record", "Record"
        GOAL_AT_RISK = "goal_at_risk", "Goal at risk"
        LATE_PAYMENT = "late_payment", "Late payment"
        OBSERVATION = "observation", "Observation"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    persona = models.CharField(max_length=40, help_text="Key of the persona it concerns most.")
    title = models.CharField(max_length=200)
    text = models.TextField()
    found_on = models.DateField()
    about_kind = models.CharField(max_length=20, blank=True, help_text="metric, deal or document")
    about_id = models.UUIDField(null=True, blank=True)

    class Meta(TenantOwned.Meta):
        ordering = ["-found_on", "title"]
        indexes = [models.Index(fields=["tenant", "persona", "-found_on"], name="insight_recent")]

    def __str__(self) -> str:
        return self.title
