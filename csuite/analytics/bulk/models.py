"""A job and its items. Whoever asked and nobody else sees them."""

from uuid import UUID

from django.db import models
from django.utils import timezone

from csuite.tenants.models import TenantForeignKey, TenantOwned


class BulkJob(TenantOwned):
    """`runner` works on it as long as its heartbeat is young; an old one may be replaced by anybody."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        FINISHED = "finished"
        STOPPED = "stopped"

    user = models.UUIDField()
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    runner = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    client_id = models.CharField(max_length=64, help_text="The Idempotency-Key, or a random one.")
    digest = models.BinaryField(max_length=32, help_text="SHA-256 of what was asked.")
    total = models.PositiveIntegerField()

    class Meta(TenantOwned.Meta):
        db_table = "bulk_job"
        constraints = [models.UniqueConstraint(fields=["tenant", "user", "client_id"], name="bulk_job_once")]
        indexes = [
            models.Index(
                fields=["created_at"], name="bulk_job_open", condition=models.Q(status__in=["waiting", "running"])
            )
        ]

    def __str__(self) -> str:
        return f"bulk job {self.id}"


class BulkItem(TenantOwned):
    """One question. `body` is what was sent, and is emptied when it is answered."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        STOPPED = "stopped"

    job_id: UUID
    job = TenantForeignKey(BulkJob, models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    body = models.JSONField()
    answer = models.JSONField(null=True)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)

    class Meta(TenantOwned.Meta):
        db_table = "bulk_item"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["job", "position"], name="bulk_item_once")]

    def __str__(self) -> str:
        return f"item {self.position}"
