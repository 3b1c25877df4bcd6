"""What metrics and goals are measured in."""

from django.db import models


class Unit(models.TextChoices):
    CURRENCY = "currency", "Money, in the currency of the profile"
    PERCENT = "percent", "Per cent"
    COUNT = "count", "Count"
    DAYS = "days", "Days"
    HOURS = "hours", "Hours"
