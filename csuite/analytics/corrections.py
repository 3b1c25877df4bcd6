"""Costs put right afterwards. No ledger row changes: a correction stands beside it, and the last one holds."""

import uuid
from collections.abc import Sequence
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models

from csuite.tenants.models import TenantForeignKey, TenantOwned


class Recalculation(TenantOwned):
    """Who had costs computed again, when, why, for which calls, and what came out."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(auto_now_add=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=300)
    since = models.DateTimeField(help_text="UTC")
    until = models.DateTimeField(help_text="UTC, not included.")
    provider = models.CharField(max_length=40, blank=True, help_text="Empty: all.")
    model = models.CharField(max_length=200, blank=True, help_text="Empty: all.")
    unpriced_only = models.BooleanField(default=True)
    checked = models.PositiveIntegerField(help_text="Calls that were looked at.")
    corrected = models.PositiveIntegerField(help_text="Calls whose cost is another now.")
    unpriced = models.PositiveIntegerField(help_text="Calls for which there is still no price.")

    class Meta(TenantOwned.Meta):
        db_table = "recalculation"
        ordering = ["-at"]
        indexes = [models.Index(fields=["tenant", "-at"], name="recalculation_recent")]

    def __str__(self) -> str:
        return f"{self.corrected} of {self.checked} calls: {self.reason}"


class CostCorrection(TenantOwned):
    """The cost of one ledger row by another price than it was booked with."""

    append_only = True

    id = models.BigAutoField(primary_key=True)  # type: ignore[assignment]  # small, in order of writing
    recalculation = TenantForeignKey(Recalculation, models.CASCADE, related_name="corrections")
    entry = models.UUIDField(help_text="The ledger row.")
    started_at = models.DateTimeField(help_text="As in the ledger row: its hour is summed again.")
    cost = models.DecimalField(max_digits=20, decimal_places=10)
    currency = models.CharField(max_length=3)
    price_version = models.CharField(max_length=80)
    cost_before = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    currency_before = models.CharField(max_length=3, blank=True)

    class Meta(TenantOwned.Meta):
        db_table = "cost_correction"
        indexes = [
            models.Index(fields=["tenant", "started_at"], name="correction_time"),
            models.Index(fields=["tenant", "entry", "-id"], name="correction_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.entry}: {self.cost} {self.currency}"


def held(entries: Sequence[UUID]) -> dict[UUID, CostCorrection]:
    """In a scope: the correction that holds of each ledger row that has one."""
    return {row.entry: row for row in CostCorrection.objects.filter(entry__in=entries).order_by("id")}


class ExchangeRate(models.Model):
    """What one unit of a currency is worth in another, from a day on until the next row. The platform's table.

    Of two rows with one day the later entered holds.
    """

    append_only = True

    source = models.CharField(max_length=3, help_text="The currency of the ledger, for instance USD.")
    target = models.CharField(max_length=3, help_text="The currency a company is shown, for instance EUR.")
    rate = models.DecimalField(max_digits=18, decimal_places=8, help_text="Units of the target for one of the source.")
    valid_from = models.DateField(help_text="UTC")
    entered_at = models.DateTimeField(auto_now_add=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects: ClassVar[models.Manager["ExchangeRate"]] = models.Manager()

    class Meta:
        db_table = "exchange_rate"
        ordering = ["source", "target", "-valid_from", "-id"]

    def __str__(self) -> str:
        return f"1 {self.source} = {self.rate} {self.target} from {self.valid_from}"
