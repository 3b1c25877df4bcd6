"""What is measured, month by month, and why it moved."""

from django.conf import settings
from django.db import models

from csuite.profiles.models.unit import Unit
from csuite.tenants.models import TenantForeignKey, TenantOwned


class Metric(TenantOwned):
    """A figure that is measured every month, and how its months add up."""

    class Good(models.TextChoices):
        UP = "up", "Higher is better"
        DOWN = "down", "Lower is better"
        NEITHER = "neither", "Neither"

    class Aggregation(models.TextChoices):
        SUM = "sum", "Months add up"
        MEAN = "mean", "Simple average of the months"
        LAST = "last", "The last month counts"
        WEIGHTED = "weighted", "Average weighted by another metric"

    class Cadence(models.TextChoices):
        MONTHLY = "monthly", "Every month"
        QUARTERLY = "quarterly", "Every quarter"
        YEARLY = "yearly", "Every year"

    key = models.SlugField(max_length=60, allow_unicode=False)
    name = models.CharField(max_length=120)
    unit = models.CharField(max_length=12, choices=Unit.choices)
    good = models.CharField(max_length=8, choices=Good.choices, default=Good.UP)
    aggregation = models.CharField(max_length=10, choices=Aggregation.choices, default=Aggregation.SUM)
    weight = TenantForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    synonyms = models.JSONField(default=list, blank=True, help_text="Other words people use for it.")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    cadence = models.CharField(max_length=10, choices=Cadence.choices, default=Cadence.MONTHLY)
    target = models.DecimalField(
        max_digits=20, decimal_places=4, null=True, blank=True, help_text="Of a single month, in the metric's unit."
    )
    source = models.CharField(max_length=160, blank=True)
    places = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Decimals shown; empty: as usual for the unit."
    )
    is_key = models.BooleanField(default=False, help_text="Stands at the top of the home page.")
    position = models.PositiveIntegerField(default=0)

    class Meta(TenantOwned.Meta):
        ordering = ["position", "key"]
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="metric_key_once")]

    def __str__(self) -> str:
        return self.name


class MetricPoint(TenantOwned):
    """One month of one metric: the whole company's, or one product line's; measured or forecast."""

    metric = TenantForeignKey(Metric, models.CASCADE, related_name="points")
    period = models.DateField(help_text="The first day of the month.")
    value = models.DecimalField(max_digits=20, decimal_places=4)
    line = models.CharField(max_length=80, blank=True, help_text="Product line; empty: the whole company.")
    is_forecast = models.BooleanField(default=False)
    as_of = models.DateField(null=True, blank=True, help_text="The day the value describes.")
    closed_on = models.DateField(null=True, blank=True, help_text="The day the books were closed.")
    source = models.CharField(max_length=160, blank=True)
    note = models.CharField(max_length=240, blank=True)

    class Meta(TenantOwned.Meta):
        ordering = ["period"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "metric", "line", "period", "is_forecast"], name="metric_point_once"
            ),
            models.CheckConstraint(condition=models.Q(period__day=1), name="metric_point_first_of_month"),
        ]

    def __str__(self) -> str:
        return f"{self.period:%Y-%m}: {self.value}"


class MetricCause(TenantOwned):
    """Why a metric moved in a month: one row of a bridge, with what could be done about it."""

    class Lasting(models.TextChoices):
        LASTS = "lasts", "It lasts"
        PASSES = "passes", "It passes"
        OPEN = "open", "Open"

    metric = TenantForeignKey(Metric, models.CASCADE, related_name="causes")
    period = models.DateField(help_text="The first day of the month.")
    cause = models.CharField(max_length=160)
    points = models.DecimalField(
        max_digits=14,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="Its part of the change, in the metric's unit.",
    )
    amount = models.DecimalField(
        max_digits=20,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Money, in the currency of the profile.",
    )
    amount_name = models.CharField(max_length=60, blank=True, help_text="What the money is, as Gross profit.")
    lasting = models.CharField(max_length=8, choices=Lasting.choices, default=Lasting.OPEN)
    lasts = models.CharField(max_length=160, blank=True, help_text="Will it last? In words.")
    remedy = models.CharField(max_length=240, blank=True, help_text="What would take it away.")
    remedy_share = models.DecimalField(
        max_digits=4, decimal_places=3, null=True, blank=True, help_text="How much of it, 0 to 1."
    )
    position = models.PositiveIntegerField(default=0)

    class Meta(TenantOwned.Meta):
        ordering = ["-period", "position"]

    def __str__(self) -> str:
        return self.cause
