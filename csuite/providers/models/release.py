"""Releases: which models each tier stands for. One is current; what was current once is never changed again."""

from django.conf import settings
from django.db import models

from csuite.providers.models.settings import TIER_CHOICES, LanguageModel


class Release(models.Model):
    """A choice of models under a label. A tier without models is answered by the environment's primary."""

    class State(models.TextChoices):
        DRAFT = "draft", "draft"
        CURRENT = "current", "current"
        PAST = "past", "past"
        REVERTED = "reverted", "taken back"

    label = models.CharField(max_length=60, unique=True)
    note = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT, editable=False)
    current_since = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_because = models.CharField(max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="current"), name="one_current_release")
        ]

    def __str__(self) -> str:
        return str(self.label)


class TierModel(models.Model):
    """One model of a tier in a release; the lowest position answers first."""

    release = models.ForeignKey(Release, models.CASCADE, related_name="models")
    tier = models.CharField(max_length=20, choices=TIER_CHOICES)
    position = models.PositiveSmallIntegerField(default=1, help_text="1 answers first.")
    model = models.ForeignKey(LanguageModel, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["tier", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["release", "tier", "model"], name="model_once_in_a_tier")]

    def __str__(self) -> str:
        return f"{self.tier} {self.position}: {self.model}"
