"""An import from the upload to its undoing, the table it works on, and everything it wrote."""

from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone

from csuite.tenants.models import TenantForeignKey, TenantOwned


class ImportRun(TenantOwned):
    """One file on its way into the company's tables. `user` is an id: the run outlives the person."""

    class Status(models.TextChoices):
        READING = "reading", "Being read"
        MAPPING = "mapping", "Waits for its columns"
        CHECKING = "checking", "Being checked"
        CHECKED = "checked", "Waits to be imported"
        WRITING = "writing", "Being imported"
        DONE = "done", "Imported"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"
        FAILED = "failed", "Not imported"

    target = models.CharField(max_length=40)
    user = models.UUIDField()
    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    size = models.PositiveIntegerField(help_text="Bytes.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.READING)
    about = models.CharField(max_length=300, blank=True, help_text="How the file was read.")
    columns = models.JSONField(default=list, help_text="What each column holds (reading/columns.py).")
    mapping = models.JSONField(default=dict)
    rows = models.PositiveIntegerField(default=0)
    wrong = models.PositiveIntegerField(default=0, help_text="Rows that cannot be imported.")
    errors = models.JSONField(default=list, help_text="The first of them: row, column, message.")
    preview = models.JSONField(default=list, help_text="The first rows as they will be imported.")
    counts = models.JSONField(default=dict, help_text="Of each kind of row: new, changed, same.")
    message = models.TextField(blank=True, help_text="Why it failed, or could not be undone.")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often the step that runs was begun.")
    created_at = models.DateTimeField(default=timezone.now)
    step_at = models.DateTimeField(default=timezone.now, help_text="When the status became what it is.")

    class Meta(TenantOwned.Meta):
        ordering = ["-created_at"]
        constraints = [
            # The same file is in the company's tables once, however often and by whomever it is sent.
            models.UniqueConstraint(
                fields=["tenant", "target", "digest"],
                name="import_once",
                condition=models.Q(status__in=["writing", "done", "undoing"]),
            )
        ]
        indexes = [models.Index(fields=["tenant", "-created_at"], name="import_recent")]

    BUSY = (Status.READING, Status.CHECKING, Status.WRITING, Status.UNDOING)

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_busy(self) -> bool:
        return self.status in self.BUSY

    def step(self, status: str, **fields: Any) -> None:
        """Moves on; the new step begins with no attempt."""
        self.status, self.attempts, self.step_at = status, 0, timezone.now()
        for name, value in fields.items():
            setattr(self, name, value)
        self.save()


class ImportFile(TenantOwned):
    """The file until it is read, then its table, packed. Goes when the run ends or is forgotten."""

    run_id: UUID
    run = TenantForeignKey(ImportRun, models.CASCADE, related_name="files")
    content = models.BinaryField()
    is_table = models.BooleanField(default=False)

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["run"], name="import_file_once")]

    def __str__(self) -> str:
        return f"{len(self.content)} bytes"


class ImportChange(TenantOwned):
    """Up to some thousand rows of one kind that a run wrote. What undoing goes by.

    `rows`: [id, fields before (null: the row was not there), fields after] of each.
    """

    run_id: UUID
    run = TenantForeignKey(ImportRun, models.CASCADE, related_name="changes")
    place = models.PositiveIntegerField(help_text="Order in which it was written.")
    model = models.CharField(max_length=60, help_text="app.model")
    rows = models.JSONField(default=list)

    class Meta(TenantOwned.Meta):
        indexes = [models.Index(fields=["run", "place"], name="import_change_order")]

    def __str__(self) -> str:
        return f"{len(self.rows)} of {self.model}"
