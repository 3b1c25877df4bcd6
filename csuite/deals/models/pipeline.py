"""Pipelines with their stages, and the deals on their way through them."""

from uuid import UUID

from django.db import models

from csuite.deals.models.parties import Customer, Product, Seller
from csuite.tenants.models import TenantForeignKey, TenantOwned


class Pipeline(TenantOwned):
    name = models.CharField(max_length=80)
    position = models.PositiveIntegerField(default=0)

    class Meta(TenantOwned.Meta):
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="pipeline_name_once")]

    def __str__(self) -> str:
        return self.name


class Stage(TenantOwned):
    """`days`: how long a deal usually stays; empty where nobody knows."""

    class Kind(models.TextChoices):
        OPEN = "open", "Open"
        WON = "won", "Won"
        LOST = "lost", "Lost"

    pipeline_id: UUID
    pipeline = TenantForeignKey(Pipeline, models.CASCADE, related_name="stages")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=4, choices=Kind.choices, default=Kind.OPEN)
    position = models.PositiveIntegerField(default=0)
    days = models.PositiveIntegerField(null=True, blank=True)

    class Meta(TenantOwned.Meta):
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "pipeline", "name"], name="stage_name_once")]

    def __str__(self) -> str:
        return self.name


class Deal(TenantOwned):
    """`entered_on`: when it came into its stage; `value` in `currency`; both may be unknown. `version`: another number
    after every change (by a trigger), so that nobody overwrites what she has not seen."""

    reference = models.CharField(max_length=40, help_text="How other programs name it.")
    title = models.CharField(max_length=200, blank=True)
    stage_id: UUID
    stage = TenantForeignKey(Stage, models.PROTECT, related_name="deals")
    customer = TenantForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="deals")
    seller = TenantForeignKey(Seller, models.SET_NULL, null=True, blank=True, related_name="deals")
    product = TenantForeignKey(Product, models.SET_NULL, null=True, blank=True, related_name="deals")
    value = models.DecimalField(max_digits=20, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="USD")
    opened_on = models.DateField(null=True, blank=True)
    entered_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    expected_on = models.DateField(null=True, blank=True, help_text="When it is expected to be won.")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(TenantOwned.Meta):
        ordering = ["reference"]
        constraints = [models.UniqueConstraint(fields=["tenant", "reference"], name="deal_reference_once")]
        indexes = [models.Index(fields=["tenant", "stage"], name="deal_by_stage")]

    def __str__(self) -> str:
        return self.title or self.reference


class StageEntry(TenantOwned):
    """When a deal came into a stage: what durations are learned from."""

    deal_id: UUID
    deal = TenantForeignKey(Deal, models.CASCADE, related_name="entries")
    stage_id: UUID
    stage = TenantForeignKey(Stage, models.PROTECT, related_name="+")
    entered_on = models.DateField()

    class Meta(TenantOwned.Meta):
        verbose_name_plural = "stage entries"
        ordering = ["entered_on"]
        constraints = [models.UniqueConstraint(fields=["tenant", "deal", "stage", "entered_on"], name="entry_once")]

    def __str__(self) -> str:
        return f"{self.entered_on}"
