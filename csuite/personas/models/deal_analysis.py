"""What was found about a deal when somebody had it analyzed."""

from django.conf import settings
from django.db import models

from csuite.deals.models import Deal
from csuite.tenants.models import TenantForeignKey, TenantOwned


class DealAnalysis(TenantOwned):
    """The n-th analysis of its deal, as it was made. `result`: analysis/results.py. `cost` None: a price is unknown."""

    deal = TenantForeignKey(Deal, models.CASCADE, related_name="analyses")
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    result = models.JSONField()
    prompt_versions = models.JSONField(default=list)
    cost = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    currency = models.CharField(max_length=3, default="USD")

    class Meta(TenantOwned.Meta):
        verbose_name_plural = "deal analyses"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["tenant", "deal", "number"], name="deal_analysis_once")]

    def __str__(self) -> str:
        return f"Analysis {self.number}"
