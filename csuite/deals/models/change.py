"""What people changed by hand, with who and when."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from csuite.deals.models.invoice import Invoice
from csuite.deals.models.pipeline import Deal
from csuite.tenants.models import TenantForeignKey, TenantOwned


class Change(TenantOwned):
    """`before` and `after`: the fields that differ, by their names for people, as texts; what is new has none before.

    A change of an invoice also names the deal it belongs to.
    """

    append_only = True

    deal = TenantForeignKey(Deal, models.CASCADE, null=True, blank=True, related_name="changes")
    invoice = TenantForeignKey(Invoice, models.CASCADE, null=True, blank=True, related_name="changes")
    at = models.DateTimeField(auto_now_add=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta(TenantOwned.Meta):
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["deal", "-at"], name="change_of_deal"),
            models.Index(fields=["invoice", "-at"], name="change_of_invoice"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(deal__isnull=False) | Q(invoice__isnull=False), name="change_is_of_something"
            )
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}: {', '.join(self.after)}"
