"""What was invoiced, when it is due, and when it was paid."""

from django.db import models

from csuite.deals.models.parties import Customer
from csuite.deals.models.pipeline import Deal
from csuite.tenants.models import TenantForeignKey, TenantOwned


class Invoice(TenantOwned):
    """Open until `settled_on`; late when that is after `due_on`, or has not come by then. `version`: as of a deal."""

    number = models.CharField(max_length=40)
    customer = TenantForeignKey(Customer, models.PROTECT, related_name="invoices")
    deal = TenantForeignKey(Deal, models.SET_NULL, null=True, blank=True, related_name="invoices")
    issued_on = models.DateField()
    due_on = models.DateField()
    settled_on = models.DateField(null=True, blank=True)
    amount = models.DecimalField(max_digits=20, decimal_places=2)
    currency = models.CharField(max_length=3, default="USD")
    disputed = models.BooleanField(default=False)
    promised_on = models.DateField(null=True, blank=True, help_text="For when the customer promised to pay.")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(TenantOwned.Meta):
        ordering = ["due_on", "number"]
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="invoice_number_once")]
        indexes = [
            models.Index(fields=["tenant", "due_on"], name="invoice_open", condition=models.Q(settled_on__isnull=True)),
            models.Index(fields=["tenant", "customer"], name="invoice_by_customer"),
        ]

    def __str__(self) -> str:
        return self.number
