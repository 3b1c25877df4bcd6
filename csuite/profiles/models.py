"""The business a tenant talks about: its profile, goals, metrics as time series, causes and insights."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from csuite.profiles.interview import InterviewAnswer
from csuite.profiles.revisions import MetricRevision
from csuite.profiles.versions import DataVersion
from csuite.tenants.models import TenantForeignKey, TenantOwned

__all__ = [
    "BusinessProfile",
    "DataVersion",
    "Goal",
    "Insight",
    "InterviewAnswer",
    "Metric",
    "MetricCause",
    "MetricPoint",
    "MetricRevision",
    "Unit",
]


class Unit(models.TextChoices):
    CURRENCY = "currency", "Money, in the currency of the profile"
    PERCENT = "percent", "Per cent"
    COUNT = "count", "Count"
    DAYS = "days", "Days"
    HOURS = "hours", "Hours"


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


class Goal(TenantOwned):
    """What must be true by when. Belongs to a version of the profile, so that old versions stay readable."""

    class Direction(models.TextChoices):
        AT_LEAST = "at_least", "At least"
        AT_MOST = "at_most", "At most"

    profile = TenantForeignKey(BusinessProfile, models.CASCADE, related_name="goals")
    key = models.SlugField(max_length=60)
    title = models.CharField(max_length=160)
    metric = TenantForeignKey(Metric, models.SET_NULL, null=True, blank=True, related_name="goals")
    target = models.DecimalField(max_digits=20, decimal_places=4)
    unit = models.CharField(max_length=12, choices=Unit.choices)
    direction = models.CharField(max_length=10, choices=Direction.choices, default=Direction.AT_LEAST)
    start = models.DateField(help_text="First day of the first month that counts.")
    deadline = models.DateField(help_text="Last day of the last month that counts.")
    position = models.PositiveIntegerField(default=0)

    class Meta(TenantOwned.Meta):
        ordering = ["position", "key"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "profile", "key"], name="goal_key_once"),
            models.CheckConstraint(condition=models.Q(deadline__gte=models.F("start")), name="goal_has_a_period"),
        ]

    def __str__(self) -> str:
        return self.title


class Insight(TenantOwned):
    """Something worth knowing, in plain words with its figures. Names what it is about by kind and id."""

    class Kind(models.TextChoices):
        TREND_BREAK = "trend_break", "Trend break"
        RECORD = "record", "Record"
        GOAL_AT_RISK = "goal_at_risk", "Goal at risk"
        LATE_PAYMENT = "late_payment", "Late payment"
        OBSERVATION = "observation", "Observation"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    persona = models.CharField(max_length=40, help_text="Key of the persona it concerns most.")
    title = models.CharField(max_length=200)
    text = models.TextField()
    found_on = models.DateField()
    about_kind = models.CharField(max_length=20, blank=True, help_text="metric, deal or document")
    about_id = models.UUIDField(null=True, blank=True)

    class Meta(TenantOwned.Meta):
        ordering = ["-found_on", "title"]
        indexes = [models.Index(fields=["tenant", "persona", "-found_on"], name="insight_recent")]

    def __str__(self) -> str:
        return self.title
