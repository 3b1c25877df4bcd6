"""What the company is after."""

from django.db import models

from csuite.profiles.models.metric import Metric
from csuite.profiles.models.profile import BusinessProfile
from csuite.profiles.models.unit import Unit
from csuite.tenants.models import TenantForeignKey, TenantOwned


class Goal(TenantOwned):
    """What must be true by when. Belongs to a version of the profile, so that old versions stay readable."""

    lets_go = ("metric",)  # an import of metrics may be undone: the goal stays, and finds them when they come again

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
