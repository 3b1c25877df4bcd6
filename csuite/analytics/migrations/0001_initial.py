import uuid

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenants", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="CacheEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "event",
                    models.CharField(help_text="hit, miss or eviction", max_length=20),
                ),
                (
                    "cache",
                    models.CharField(help_text="exact or semantic", max_length=20),
                ),
                ("task", models.CharField(blank=True, max_length=40)),
                ("persona", models.CharField(blank=True, max_length=40)),
                ("provider", models.CharField(blank=True, max_length=40)),
                ("model", models.CharField(blank=True, max_length=200)),
                ("user", models.UUIDField(null=True)),
                ("message", models.UUIDField(null=True)),
                ("tokens_saved", models.PositiveIntegerField(null=True)),
                (
                    "cost_saved",
                    models.DecimalField(decimal_places=10, max_digits=20, null=True),
                ),
                ("currency", models.CharField(blank=True, max_length=3)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "cache_event",
                "ordering": ["-at"],
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    django.contrib.postgres.indexes.BrinIndex(
                        autosummarize=True, fields=["at"], name="cache_event_time"
                    ),
                    models.Index(fields=["tenant", "-at"], name="cache_event_recent"),
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "started_at",
                    models.DateTimeField(help_text="When the attempt began; reports go by it, in UTC."),
                ),
                ("user", models.UUIDField(null=True)),
                ("conversation", models.UUIDField(null=True)),
                ("message", models.UUIDField(null=True)),
                ("turn", models.UUIDField(null=True)),
                ("deal", models.UUIDField(null=True)),
                ("persona", models.CharField(blank=True, max_length=40)),
                ("task", models.CharField(max_length=40)),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        help_text="The stage of a turn or of an analysis.",
                        max_length=40,
                    ),
                ),
                ("prompt_version", models.CharField(blank=True, max_length=120)),
                ("experiment", models.CharField(blank=True, max_length=120)),
                ("provider", models.CharField(max_length=40)),
                ("model", models.CharField(max_length=200)),
                ("tier", models.CharField(blank=True, max_length=20)),
                (
                    "number",
                    models.PositiveSmallIntegerField(default=1, help_text="Which attempt of its call, from 1."),
                ),
                ("fallback", models.BooleanField(default=False)),
                (
                    "request_id",
                    models.CharField(blank=True, help_text="The provider's own id.", max_length=200),
                ),
                ("prompt_tokens", models.PositiveIntegerField(null=True)),
                ("completion_tokens", models.PositiveIntegerField(null=True)),
                ("cached_tokens", models.PositiveIntegerField(null=True)),
                ("cache_write_tokens", models.PositiveIntegerField(null=True)),
                ("reasoning_tokens", models.PositiveIntegerField(null=True)),
                (
                    "cached_apart",
                    models.BooleanField(
                        default=False,
                        help_text="Cached and cache-write tokens are not within the prompt count (Anthropic).",
                    ),
                ),
                ("estimated", models.BooleanField(default=False)),
                (
                    "cache",
                    models.CharField(
                        blank=True,
                        help_text="Our own cache: hit, miss or off.",
                        max_length=20,
                    ),
                ),
                (
                    "compression_saved",
                    models.PositiveIntegerField(help_text="Prompt tokens that compression took away.", null=True),
                ),
                (
                    "cost",
                    models.DecimalField(decimal_places=10, max_digits=20, null=True),
                ),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("price_version", models.CharField(blank=True, max_length=80)),
                (
                    "billed_cost",
                    models.DecimalField(
                        decimal_places=10,
                        help_text="The provider's own figure, kept beside ours.",
                        max_digits=20,
                        null=True,
                    ),
                ),
                (
                    "ttft_ms",
                    models.PositiveIntegerField(help_text="To the first text; null unless streamed.", null=True),
                ),
                ("total_ms", models.PositiveIntegerField(null=True)),
                ("finish_reason", models.CharField(blank=True, max_length=60)),
                ("error_kind", models.CharField(blank=True, max_length=30)),
                ("json_valid", models.BooleanField(null=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "ledger entries",
                "db_table": "ledger",
                "ordering": ["-started_at", "-id"],
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    django.contrib.postgres.indexes.BrinIndex(
                        autosummarize=True, fields=["started_at"], name="ledger_time"
                    ),
                    models.Index(fields=["tenant", "-started_at", "-id"], name="ledger_recent"),
                    models.Index(fields=["tenant", "user", "-started_at"], name="ledger_person"),
                    models.Index(
                        condition=models.Q(("message__isnull", False)),
                        fields=["message"],
                        name="ledger_message",
                    ),
                    models.Index(
                        condition=models.Q(("turn__isnull", False)),
                        fields=["turn"],
                        name="ledger_turn",
                    ),
                    models.Index(
                        condition=models.Q(("deal__isnull", False)),
                        fields=["deal"],
                        name="ledger_deal",
                    ),
                    models.Index(
                        condition=models.Q(("cost__isnull", True)),
                        fields=["provider", "model", "started_at"],
                        name="ledger_unpriced",
                    ),
                    models.Index(
                        condition=models.Q(("request_id", ""), _negated=True),
                        fields=["provider", "request_id"],
                        name="ledger_request",
                    ),
                ],
            },
        ),
    ]
