"""What the company says about itself."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from csuite.tenants.models import TenantOwned


class BusinessProfile(TenantOwned):
    """One version of what the company says about itself. A published version is not changed any more."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"

    version = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.DRAFT)
    industry = models.CharField(max_length=160, blank=True)
    people = models.PositiveIntegerField(null=True, blank=True)
    stage = models.CharField(max_length=160, blank=True)
    revenue = models.DecimalField(
        max_digits=20, decimal_places=2, null=True, blank=True, help_text="A year's; empty: from the metrics."
    )
    currency = models.CharField(max_length=3, default="USD")
    fiscal_year_start = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(12)], help_text="Month, 1 to 12."
    )
    description = models.TextField(blank=True)
    entries = models.JSONField(default=dict, blank=True, help_text="Further answers of the interview, by name.")
    states = models.JSONField(default=dict, blank=True, help_text="Of a draft's entries: draft or done, by key.")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta(TenantOwned.Meta):
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["tenant", "version"], name="profile_version_once")]

    def __str__(self) -> str:
        return f"Profile, version {self.version}"
