"""Rate limits as rows, and the counters behind them."""

from django.core.validators import MinValueValidator
from django.db import models


class Limit(models.Model):
    """How often something may happen. `tenant` empty: for everybody on that plan (`plan` empty: on any).

    The platform's table, a tenant's exception included: the platform sets it, and it is read before a scope opens.
    """

    name = models.CharField(max_length=40, help_text="chat, api, expensive, user_minute, user_day")
    plan = models.CharField(max_length=20, blank=True)
    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, null=True, blank=True, related_name="+")
    amount = models.PositiveIntegerField()
    seconds = models.PositiveIntegerField(validators=[MinValueValidator(1)])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "plan", "tenant"], name="limit_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.amount} in {self.seconds} s"


class Counter(models.Model):
    """One entry of the PostgreSQL cache (pgcache.py): a counter or a small value with an end."""

    key = models.CharField(max_length=250, primary_key=True)
    number = models.BigIntegerField(null=True)
    value = models.BinaryField(null=True)
    expires_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        db_table = "counter"

    def __str__(self) -> str:
        return str(self.key)
