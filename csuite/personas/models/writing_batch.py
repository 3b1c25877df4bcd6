"""Which deals or invoices a batch of the writer is about."""

from django.db import models

from csuite.tenants.models import TenantOwned


class WritingBatch(TenantOwned):
    """`job` is the batch that asks the models, item for item in the order of `subjects` (ids as texts). Its
    rows are kept for a while only; this one tells then that there was one."""

    class Kind(models.TextChoices):
        SUMMARIES = "summaries", "Summaries of deals"
        REMINDERS = "reminders", "Reminders of late invoices"

    job = models.UUIDField(unique=True)
    user = models.UUIDField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    subjects = models.JSONField(default=list)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {len(self.subjects)}"
