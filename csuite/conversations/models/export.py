"""A file that a worker writes: all of a person's conversations, or one that is too long to wait for."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from csuite.conversations.models.conversation import Conversation
from csuite.tenants.models import TenantForeignKey, TenantOwned


class Export(TenantOwned):
    """Without a `conversation` it is a zip of all. The file goes when it expires; the row says that it was made."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waits for its turn"
        WORKING = "working", "Being written"
        DONE = "done", "Ready"
        FAILED = "failed", "Could not be written"

    OPEN = (Status.WAITING, Status.WORKING)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    conversation = TenantForeignKey(Conversation, models.CASCADE, related_name="+", null=True)
    format = models.CharField(max_length=4)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=200, blank=True)
    data = models.BinaryField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    step_at = models.DateTimeField(default=timezone.now, help_text="A worker was at it last.")
    expires_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        indexes = [
            models.Index(fields=["tenant", "user", "-created_at"], name="export_of_person"),
            models.Index(fields=["step_at"], condition=models.Q(status__in=["waiting", "working"]), name="export_open"),
        ]
        constraints = [
            # Two tabs, one click each: one job.
            models.UniqueConstraint(
                fields=["tenant", "user", "format"],
                condition=models.Q(status__in=["waiting", "working"], conversation=None),
                name="export_all_once",
            )
        ]

    def __str__(self) -> str:
        return self.name or f"export as {self.format}"
