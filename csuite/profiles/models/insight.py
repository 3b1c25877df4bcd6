"""What was found in the data, and what each person did with it."""

from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone

from csuite.tenants.models import TenantForeignKey, TenantOwned


class Insight(TenantOwned):
    """Something worth knowing, in plain words with its figures. Names what it is about by kind and id.

    A detector's finding has a `key`: the same finding is the same row from run to run, and `closed_on` when it is over.
    """

    class Kind(models.TextChoices):
        TREND_BREAK = "trend_break", "Trend break"
        RECORD = "record", "Record"
        GOAL_AT_RISK = "goal_at_risk", "Goal at risk"
        STALE = "stale", "Missing figures"
        CONCENTRATION = "concentration", "Concentration"
        SLIPPING = "slipping", "Slipping deals"
        LATE_PAYMENT = "late_payment", "Late payment"
        OBSERVATION = "observation", "Observation"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    persona = models.CharField(max_length=40, help_text="Key of the persona it concerns most.")
    title = models.CharField(max_length=200)
    text = models.TextField()
    found_on = models.DateField()
    about_kind = models.CharField(max_length=20, blank=True, help_text="metric, deal, customer or document")
    about_id = models.UUIDField(null=True, blank=True)
    key = models.CharField(max_length=200, blank=True, help_text="Kind and matter; empty: written by a person.")
    since = models.DateField(null=True, blank=True, help_text="The period with which it began.")
    figures = models.JSONField(default=list, blank=True, help_text="[what, figure] in the order of the text.")
    strength = models.FloatField(default=0, help_text="0 to 1; the strongest of a day stands first.")
    found_at = models.DateTimeField(default=timezone.now)
    closed_on = models.DateField(null=True, blank=True, help_text="When it was over.")

    class Meta(TenantOwned.Meta):
        ordering = ["-found_on", "-strength", "title"]
        indexes = [models.Index(fields=["tenant", "persona", "-found_on"], name="insight_recent")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "key", "since"],
                name="insight_once",
                condition=~models.Q(key=""),
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.title


class InsightMark(TenantOwned):
    """An insight was put away by one person, for good or until a day; others keep seeing it.

    Holds for a finding as it was then (`found_at`): one that comes back after it was over is shown again.
    """

    insight_id: UUID
    insight = TenantForeignKey(Insight, models.CASCADE, related_name="marks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    until = models.DateField(null=True, help_text="The day on which it comes back; empty: never.")

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "insight", "user"], name="insight_mark_once")]

    def __str__(self) -> str:
        return "put away" if self.until is None else f"until {self.until}"
