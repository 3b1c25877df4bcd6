"""What was said and agreed about a deal or an invoice."""

from django.db import models
from django.db.models import Q

from csuite.deals.models.invoice import Invoice
from csuite.deals.models.pipeline import Deal
from csuite.tenants.models import TenantForeignKey, TenantOwned


class Note(TenantOwned):
    deal = TenantForeignKey(Deal, models.CASCADE, null=True, blank=True, related_name="notes")
    invoice = TenantForeignKey(Invoice, models.CASCADE, null=True, blank=True, related_name="notes")
    written_on = models.DateField()
    author = models.CharField(max_length=160, blank=True)
    text = models.TextField(max_length=10_000)

    class Meta(TenantOwned.Meta):
        ordering = ["-written_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(deal__isnull=False) | Q(invoice__isnull=False), name="note_is_about_something"
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]
