"""What a person expects of a deal or an invoice, whatever is computed; and what a model read in a deal's notes."""

from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from csuite.deals.models.invoice import Invoice
from csuite.deals.models.pipeline import Deal
from csuite.tenants.models import TenantForeignKey, TenantOwned


class Expectation(TenantOwned):
    """Set by hand, with its reason; kept for ever. The newest of a deal or invoice that was not taken back counts, as a
    whole: what it leaves empty is computed. `chance` is 0 to 1."""

    deal_id: UUID | None
    deal = TenantForeignKey(Deal, models.CASCADE, null=True, blank=True, related_name="expectations")
    invoice_id: UUID | None
    invoice = TenantForeignKey(Invoice, models.CASCADE, null=True, blank=True, related_name="expectations")
    invoice_on = models.DateField(null=True, blank=True)
    payment_on = models.DateField(null=True, blank=True)
    amount = models.DecimalField(max_digits=20, decimal_places=2, null=True, blank=True)
    chance = models.DecimalField(max_digits=4, decimal_places=3, null=True, blank=True)
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantOwned.Meta):
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(deal__isnull=True) ^ Q(invoice__isnull=True), name="expectation_is_about_one"
            ),
            models.CheckConstraint(
                condition=Q(chance__isnull=True) | Q(chance__gte=0, chance__lte=1), name="expectation_chance"
            ),
        ]
        indexes = [models.Index(fields=["tenant"], name="expectation_counts", condition=Q(undone_at__isnull=True))]

    def __str__(self) -> str:
        return self.reason


class Reading(TenantOwned):
    """What a model read in the notes of a deal about its dates. It counts as long as `digest` is that of the notes;
    a date that is empty keeps the computed one. `confidence` is 0 to 1."""

    deal_id: UUID
    deal = TenantForeignKey(Deal, models.CASCADE, related_name="readings")
    digest = models.CharField(max_length=64)
    invoice_on = models.DateField(null=True, blank=True)
    payment_on = models.DateField(null=True, blank=True)
    confidence = models.FloatField(default=0.0)
    reasoning = models.TextField(max_length=2000, blank=True)
    model = models.CharField(max_length=120, blank=True)
    prompt_version = models.CharField(max_length=80, blank=True)
    read_at = models.DateTimeField(auto_now=True)

    class Meta(TenantOwned.Meta):
        ordering = ["-read_at"]
        constraints = [models.UniqueConstraint(fields=["tenant", "deal"], name="reading_once")]

    def __str__(self) -> str:
        return self.reasoning[:60]
