"""The rows of budgets: the limit, a counter for each period, and the reservations that are open."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now

from csuite.tenants.models import TenantForeignKey, TenantOwned


def share(default: str | None, help_text: str) -> "models.DecimalField[Decimal | None, Decimal | None]":
    """A part of the amount, above 0 and at most 1."""
    return models.DecimalField(
        max_digits=4,
        decimal_places=3,
        null=True,
        blank=True,
        default=None if default is None else Decimal(default),
        validators=[MinValueValidator(Decimal("0.001")), MaxValueValidator(Decimal(1))],
        help_text=help_text,
    )


def money() -> "models.DecimalField[Decimal, Decimal]":
    return models.DecimalField(max_digits=20, decimal_places=10, default=Decimal(0))


class Budget(TenantOwned):
    """What a company, a persona in it or one person may spend on model calls in a month or a day (UTC).

    amount: null is unlimited by explicit choice, 0 is none. hard: a call that could go beyond it is refused; a soft
    one is counted and told of. step_down_to: the tier (or "analyst") that answers from step_down_at on.
    """

    class Scope(models.TextChoices):
        TENANT = "tenant", "The whole company"
        PERSONA = "persona", "One persona"
        USER = "user", "One person"

    class Period(models.TextChoices):
        MONTH = "month", "a month"
        DAY = "day", "a day"

    scope = models.CharField(max_length=10, choices=Scope.choices, default=Scope.TENANT)
    persona = models.CharField(max_length=40, blank=True)
    user = models.UUIDField(null=True, blank=True)
    period = models.CharField(max_length=10, choices=Period.choices, default=Period.MONTH)
    amount = models.DecimalField(
        max_digits=14, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(Decimal(0))]
    )
    currency = models.CharField(max_length=3, default="USD")
    hard = models.BooleanField(default=True)
    warn_at = share("0.8", "Tells of it from this share on.")
    step_down_at = share(None, "A cheaper tier answers from this share on.")
    step_down_to = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(auto_now=True)

    class Meta(TenantOwned.Meta):
        db_table = "budget"
        ordering = ["scope", "persona", "user", "period"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "scope", "persona", "user", "period"], name="budget_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.persona or self.user or ''} {self.period}".replace("  ", " ")

    def facts(self) -> dict[str, Any]:
        """What the audit keeps of it."""
        names = ("scope", "persona", "user", "period", "amount", "currency", "hard", "warn_at", "step_down_at",
                 "step_down_to")  # fmt: skip
        return {name: _plain(getattr(self, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"  # 5 and 5.0000 are one amount
    return value if value is None or isinstance(value, bool) else str(value)


class BudgetRaise(TenantOwned):
    """`amount` more, in the budget's currency, from now on until `until` (UTC, not included). Several add up.

    Reservations read it with the budget (standing.py), by the database's clock.
    """

    budget = TenantForeignKey(Budget, models.CASCADE, related_name="raises")
    amount = models.DecimalField(max_digits=14, decimal_places=4, validators=[MinValueValidator(Decimal("0.0001"))])
    since = models.DateTimeField(db_default=Now())
    until = models.DateTimeField()
    reason = models.CharField(max_length=300)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta(TenantOwned.Meta):
        db_table = "budget_raise"
        ordering = ["-since"]
        indexes = [models.Index(fields=["tenant", "budget", "until"], name="budget_raise_in_force")]

    def __str__(self) -> str:
        return f"{self.amount} until {self.until:%Y-%m-%d}"


class BudgetCounter(TenantOwned):
    """One budget in one period. held: the sum of its parts in open holds. told: 1 warned, 2 told that it is used up."""

    budget = TenantForeignKey(Budget, models.CASCADE, related_name="counters")
    period_start = models.DateTimeField()
    spent = money()
    held = money()
    unpriced = models.PositiveIntegerField(default=0, help_text="Attempts whose price was not known.")
    told = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantOwned.Meta):
        db_table = "budget_counter"
        constraints = [models.UniqueConstraint(fields=["tenant", "budget", "period_start"], name="budget_counter_once")]

    def __str__(self) -> str:
        return f"{self.budget_id} from {self.period_start:%Y-%m-%d}"


class BudgetHold(TenantOwned):
    """An open reservation. parts: counter id -> amount (text) that is held there for it.

    One that nobody closes (its process died) is given back after `expires_at`.
    """

    turn = models.UUIDField(null=True)
    parts = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        db_table = "budget_hold"
        indexes = [
            models.Index(fields=["tenant", "expires_at"], name="budget_hold_expiry"),
            models.Index(fields=["turn"], name="budget_hold_turn", condition=models.Q(turn__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"until {self.expires_at:%Y-%m-%d %H:%M:%S}"
