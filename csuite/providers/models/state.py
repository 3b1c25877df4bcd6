"""What was seen: how providers answered the last check, when a key was first there, and that something changed."""

from django.db import models


class CatalogueVersion(models.Model):
    """One row: another number after every change of what routing reads, and never an old one again.

    Written by triggers only (migration 0002), so that bulk operations, the admin and plain SQL count too.
    """

    number = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.number)


class ProviderHealth(models.Model):
    """The last check of one provider: one GET of its list of models."""

    provider = models.CharField(max_length=40, unique=True)
    ok = models.BooleanField()
    error = models.CharField(max_length=30, blank=True, help_text="A kind of error.")
    latency_ms = models.PositiveIntegerField(null=True)
    checked_at = models.DateTimeField()
    since = models.DateTimeField(help_text="Since when it is so.")

    class Meta:
        ordering = ["provider"]

    def __str__(self) -> str:
        return f"{self.provider}: {'ok' if self.ok else self.error}"


class KeySeen(models.Model):
    """Since when a key of the environment is in use.

    The key itself is nowhere: `mark` is a keyed hash under SECRET_KEY, of no use without it, and says only whether the
    key has changed.
    """

    name = models.CharField(max_length=80, unique=True, help_text="The variable.")
    mark = models.CharField(max_length=64)
    first_seen = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return str(self.name)
