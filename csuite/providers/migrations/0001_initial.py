from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Price",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "provider",
                    models.CharField(
                        help_text="As in the settings: openai, groq, local, …",
                        max_length=40,
                    ),
                ),
                (
                    "model",
                    models.CharField(
                        help_text="The model's name exactly as it is called.",
                        max_length=200,
                    ),
                ),
                ("currency", models.CharField(default="USD", max_length=3)),
                (
                    "input",
                    models.DecimalField(
                        decimal_places=6,
                        help_text="Per million prompt tokens.",
                        max_digits=14,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                    ),
                ),
                (
                    "output",
                    models.DecimalField(
                        decimal_places=6,
                        help_text="Per million completion tokens.",
                        max_digits=14,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                    ),
                ),
                (
                    "cached_input",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        help_text="Empty: as input.",
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                    ),
                ),
                (
                    "cache_write",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        help_text="Empty: as input.",
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                    ),
                ),
                (
                    "reasoning",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        help_text="Empty: as output.",
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                    ),
                ),
                (
                    "valid_from",
                    models.DateTimeField(default=django.utils.timezone.now, help_text="UTC"),
                ),
                (
                    "source",
                    models.CharField(
                        help_text="Where it comes from: a contract, a price page.",
                        max_length=200,
                    ),
                ),
                ("entered_at", models.DateTimeField(auto_now_add=True)),
                (
                    "entered_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "price",
                "ordering": ["provider", "model", "-valid_from", "-id"],
                "indexes": [
                    models.Index(
                        fields=["provider", "model", "-valid_from", "-id"],
                        name="price_latest",
                    )
                ],
            },
        ),
    ]
