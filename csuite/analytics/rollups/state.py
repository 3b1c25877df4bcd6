"""Which hours wait to be filled, and how far each rollup is built."""

from typing import ClassVar

from django.db import models

from csuite.tenants.models import TenantOwned


class DueHour(TenantOwned):
    """A mark: rows of this hour were written after it was filled, or never were filled.

    A trigger writes it with the row, in its transaction, so late rows are marked like all others. Marks are only
    added and taken, never shared: two writers never wait for each other, and a filler that takes the marks it sees
    cannot take one of a writer that has not committed yet.
    """

    id = models.BigAutoField(primary_key=True)  # type: ignore[assignment]  # small, in order of writing
    hour = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        db_table = "rollup_due"
        indexes = [models.Index(fields=["tenant", "hour"], name="rollup_due_hours")]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H:00}"


class FillState(models.Model):
    """How far a rollup is built from the ledger, day by day, newest first. The platform's table."""

    name = models.CharField(max_length=40, primary_key=True)
    definition = models.CharField(max_length=64, help_text="Of the rollup that was built; another one builds anew.")
    built_back_to = models.DateField(null=True, help_text="Everything from this day on is built.")
    complete = models.BooleanField(default=False)
    filled_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["FillState"]] = models.Manager()

    class Meta:
        db_table = "rollup_state"

    def __str__(self) -> str:
        return self.name
