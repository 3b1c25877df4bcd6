"""Prices as dated rows. Nothing is ever changed: a new price, or a correction, is a new row."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone


def rate(help_text: str) -> "models.DecimalField[Decimal, Decimal]":
    """Money for a million tokens."""
    return models.DecimalField(
        max_digits=14, decimal_places=6, validators=[MinValueValidator(Decimal(0))], help_text=help_text
    )


def special_rate(otherwise: str) -> "models.DecimalField[Decimal | None, Decimal | None]":
    """Money for a million tokens of one kind, null where they cost as the others."""
    return models.DecimalField(
        max_digits=14,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text=f"Empty: as {otherwise}.",
    )


class Price(models.Model):
    """What a model costs from `valid_from` on, until the next row.

    Of two rows with one date, the later entered holds: so a mistake is put right.
    """

    append_only = True

    provider = models.CharField(max_length=40, help_text="As in the settings: openai, groq, local, …")
    model = models.CharField(max_length=200, help_text="The model's name exactly as it is called.")
    currency = models.CharField(max_length=3, default="USD")
    input = rate("Per million prompt tokens.")
    output = rate("Per million completion tokens.")
    cached_input = special_rate("input")
    cache_write = special_rate("input")
    reasoning = special_rate("output")
    valid_from = models.DateTimeField(default=timezone.now, help_text="UTC")
    source = models.CharField(max_length=200, help_text="Where it comes from: a contract, a price page.")
    entered_at = models.DateTimeField(auto_now_add=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    class Meta:
        db_table = "price"
        ordering = ["provider", "model", "-valid_from", "-id"]
        indexes = [models.Index(fields=["provider", "model", "-valid_from", "-id"], name="price_latest")]

    def __str__(self) -> str:
        return f"{self.provider} {self.model} from {self.valid_from:%Y-%m-%d}"
