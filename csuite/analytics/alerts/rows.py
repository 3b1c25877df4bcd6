"""The rows of alerts: what is wrong, who is told, and each telling."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from csuite.tenants.models import TenantForeignKey, TenantOwned


class Alert(TenantOwned):
    """One thing that is wrong, from the first finding until it is over. Never two open ones of one scope and threshold.

    Alerts about the installation itself (a breaker, a release) belong to the platform's own tenant.
    """

    class Severity(models.TextChoices):
        WARNING = "warning", "Warning"
        SERIOUS = "serious", "Serious"

    rule = models.CharField(max_length=40)
    scope = models.CharField(
        max_length=160, help_text="What it is about, as in provider:openai or budget:<id>:<month>."
    )
    threshold = models.CharField(max_length=40)
    severity = models.CharField(max_length=10, choices=Severity.choices, default=Severity.WARNING)
    title = models.CharField(max_length=160)
    text = models.TextField(blank=True, help_text="With its figures, burn rate and cause, in plain words.")
    facts = models.JSONField(default=dict)
    opened_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now, help_text="When it was last found.")
    recovered_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta(TenantOwned.Meta):
        db_table = "alert"
        ordering = ["-opened_at"]
        indexes = [models.Index(fields=["tenant", "-opened_at"], name="alert_recent")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "rule", "scope", "threshold"],
                condition=models.Q(recovered_at=None),
                name="alert_open_once",
            )
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def state(self) -> str:
        """open, acknowledged or over."""
        if self.recovered_at:
            return "over"
        return "acknowledged" if self.acknowledged_at else "open"


class AlertChannel(TenantOwned):
    """Where alerts go. Without any, the company's finance people and administrators get an e-mail."""

    class Kind(models.TextChoices):
        EMAIL = "email", "E-mail"
        WEBHOOK = "webhook", "Webhook"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    target = models.CharField(max_length=500, help_text="An e-mail address, or an https address.")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        db_table = "alert_channel"
        ordering = ["made_at"]
        constraints = [models.UniqueConstraint(fields=["tenant", "kind", "target"], name="alert_channel_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.target}"


class AlertDelivery(TenantOwned):
    """One telling of one alert to one place: made once for each event, tried until it worked or was given up."""

    class Event(models.TextChoices):
        RAISED = "raised", "Raised"
        RECOVERED = "recovered", "Over"
        TEST = "test", "Test"

    alert: "models.ForeignKey[Any, Any]" = TenantForeignKey(Alert, models.CASCADE, null=True, related_name="deliveries")
    kind = models.CharField(max_length=10, choices=AlertChannel.Kind.choices)
    target = models.CharField(max_length=500)
    channel = models.UUIDField(null=True, help_text="Whose key signs it; null for the e-mail to finance.")
    event = models.CharField(max_length=10, choices=Event.choices)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, default=timezone.now, help_text="Empty once it was sent or given up.")
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        db_table = "alert_delivery"
        verbose_name_plural = "alert deliveries"
        ordering = ["-made_at"]
        indexes = [
            models.Index(fields=["due_at"], name="alert_delivery_due", condition=models.Q(due_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "alert", "kind", "target", "event"], name="alert_told_once")
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.target}"
