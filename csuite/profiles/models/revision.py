"""Corrections keep what was there before."""

from django.conf import settings
from django.db import models

from csuite.tenants.models import TenantForeignKey, TenantOwned


class MetricRevision(TenantOwned):
    """What a month's value was before it was corrected, and who replaced it."""

    point = TenantForeignKey("profiles.MetricPoint", models.CASCADE, related_name="revisions")
    value = models.DecimalField(max_digits=20, decimal_places=4)
    source = models.CharField(max_length=160, blank=True)
    replaced_at = models.DateTimeField()
    replaced_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta(TenantOwned.Meta):
        verbose_name = "earlier value"
        ordering = ["-replaced_at"]
        indexes = [models.Index(fields=["point", "-replaced_at"], name="metric_revision_recent")]

    def __str__(self) -> str:
        return f"{self.value} until {self.replaced_at:%Y-%m-%d}"
