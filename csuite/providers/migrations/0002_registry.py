"""Providers, models, tasks and releases as rows, and a version of them that triggers move on.

As in personas 0002, whose reasons hold here too. A check of a provider counts only when its result is another one.
"""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TABLES = ("providersetting", "languagemodel", "tasksetting", "release", "tiermodel")

FUNCTION = """
CREATE SEQUENCE providers_catalogueversion_number;

CREATE FUNCTION providers_catalogue_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO providers_catalogueversion (id, number) VALUES (1, nextval('providers_catalogueversion_number'))
        ON CONFLICT (id) DO UPDATE SET number = nextval('providers_catalogueversion_number');
    RETURN NULL;
END $$;

CREATE TRIGGER catalogue_version AFTER UPDATE ON providers_providerhealth FOR EACH ROW
    WHEN (OLD.ok IS DISTINCT FROM NEW.ok) EXECUTE FUNCTION providers_catalogue_changes();
CREATE TRIGGER catalogue_version_made AFTER INSERT OR DELETE ON providers_providerhealth FOR EACH STATEMENT
    EXECUTE FUNCTION providers_catalogue_changes();

INSERT INTO providers_catalogueversion (id, number) VALUES (1, nextval('providers_catalogueversion_number'));
"""

UNDO = """
DROP TRIGGER catalogue_version ON providers_providerhealth;
DROP TRIGGER catalogue_version_made ON providers_providerhealth;
DROP FUNCTION providers_catalogue_changes;
DROP SEQUENCE providers_catalogueversion_number;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("providers", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CatalogueVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="KeySeen",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="The variable.", max_length=80, unique=True)),
                ("mark", models.CharField(max_length=64)),
                ("first_seen", models.DateTimeField()),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="ProviderHealth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(max_length=40, unique=True)),
                ("ok", models.BooleanField()),
                ("error", models.CharField(blank=True, help_text="A kind of error.", max_length=30)),
                ("latency_ms", models.PositiveIntegerField(null=True)),
                ("checked_at", models.DateTimeField()),
                ("since", models.DateTimeField(help_text="Since when it is so.")),
            ],
            options={
                "ordering": ["provider"],
            },
        ),
        migrations.CreateModel(
            name="LanguageModel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("changed_at", models.DateTimeField(auto_now=True)),
                ("provider", models.CharField(help_text="As in the settings: openai, groq, local, …", max_length=40)),
                ("name", models.CharField(help_text="Exactly as it is called.", max_length=200)),
                ("title", models.CharField(blank=True, help_text="As a person reads it.", max_length=120)),
                ("enabled", models.BooleanField(default=True, help_text="Off: no call goes to it.")),
                (
                    "window",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Tokens of prompt and answer together. Empty: as csuite knows it.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                    ),
                ),
                (
                    "max_output",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Tokens of the longest answer. Empty: as csuite knows it.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                    ),
                ),
                (
                    "streaming",
                    models.BooleanField(
                        blank=True, help_text="Answers word by word. Empty: as csuite knows it.", null=True
                    ),
                ),
                (
                    "json",
                    models.BooleanField(
                        blank=True, help_text="Answers as JSON when asked to. Empty: as csuite knows it.", null=True
                    ),
                ),
                (
                    "tools",
                    models.BooleanField(blank=True, help_text="Uses tools. Empty: as csuite knows it.", null=True),
                ),
                (
                    "images",
                    models.BooleanField(blank=True, help_text="Reads images. Empty: as csuite knows it.", null=True),
                ),
                (
                    "changed_by",
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
                "ordering": ["provider", "name"],
            },
        ),
        migrations.CreateModel(
            name="ProviderSetting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("changed_at", models.DateTimeField(auto_now=True)),
                (
                    "name",
                    models.CharField(
                        help_text="As in the settings: openai, groq, local, …", max_length=40, unique=True
                    ),
                ),
                ("enabled", models.BooleanField(default=True, help_text="Off: no call goes there.")),
                (
                    "base_url",
                    models.CharField(
                        blank=True,
                        help_text="With the version, as in …/v1. A host that is neither the provider's own nor in LLM_ALLOWED_HOSTS switches the provider off. Empty: as in the environment, else the provider's own.",
                        max_length=300,
                        verbose_name="address",
                    ),
                ),
                (
                    "first_byte",
                    models.FloatField(
                        blank=True,
                        help_text="Seconds to the first byte, and for the whole of an answer that is not streamed.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0.1)],
                    ),
                ),
                (
                    "between",
                    models.FloatField(
                        blank=True,
                        help_text="Seconds between two pieces of an answer.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0.1)],
                    ),
                ),
                (
                    "total",
                    models.FloatField(
                        blank=True,
                        help_text="Seconds for a whole streamed answer.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0.1)],
                    ),
                ),
                (
                    "changed_by",
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
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label", models.CharField(max_length=60, unique=True)),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("current", "current"),
                            ("past", "past"),
                            ("reverted", "taken back"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=20,
                    ),
                ),
                ("current_since", models.DateTimeField(editable=False, null=True)),
                ("ended_at", models.DateTimeField(editable=False, null=True)),
                ("ended_because", models.CharField(blank=True, editable=False, max_length=200)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "created_by",
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
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="TaskSetting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("changed_at", models.DateTimeField(auto_now=True)),
                (
                    "task",
                    models.CharField(
                        choices=[
                            ("chat", "chat"),
                            ("summarize", "summarize"),
                            ("extract", "extract"),
                            ("synthesize", "synthesize"),
                            ("validate", "validate"),
                            ("classify", "classify"),
                            ("draft", "draft"),
                            ("predict", "predict"),
                            ("evaluate", "evaluate"),
                            ("embed", "embed"),
                        ],
                        max_length=40,
                        unique=True,
                    ),
                ),
                (
                    "tier",
                    models.CharField(
                        blank=True,
                        choices=[("premium", "premium"), ("standard", "standard"), ("bulk", "bulk")],
                        help_text="Empty: as csuite knows it.",
                        max_length=20,
                    ),
                ),
                (
                    "complex_tier",
                    models.CharField(
                        blank=True,
                        choices=[("premium", "premium"), ("standard", "standard"), ("bulk", "bulk")],
                        help_text="For complex calls. Empty: as csuite knows it.",
                        max_length=20,
                    ),
                ),
                (
                    "prompt_cap",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="The longest prompt, in tokens; a longer one is refused. Empty: as in the settings.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                    ),
                ),
                (
                    "completion_cap",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="The longest answer, in tokens; it is cut there. Empty: as in the settings.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                    ),
                ),
                (
                    "changed_by",
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
                "ordering": ["task"],
            },
        ),
        migrations.CreateModel(
            name="TierModel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "tier",
                    models.CharField(
                        choices=[("premium", "premium"), ("standard", "standard"), ("bulk", "bulk")], max_length=20
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=1, help_text="1 answers first.")),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="providers.languagemodel"
                    ),
                ),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="models", to="providers.release"
                    ),
                ),
            ],
            options={
                "ordering": ["tier", "position", "id"],
            },
        ),
        migrations.AddConstraint(
            model_name="languagemodel",
            constraint=models.UniqueConstraint(fields=("provider", "name"), name="model_once"),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "current")), fields=("state",), name="one_current_release"
            ),
        ),
        migrations.AddConstraint(
            model_name="tiermodel",
            constraint=models.UniqueConstraint(fields=("release", "tier", "model"), name="model_once_in_a_tier"),
        ),
        migrations.RunSQL(FUNCTION, UNDO),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER catalogue_version BEFORE INSERT OR UPDATE OR DELETE ON providers_{table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION providers_catalogue_changes()",
                f"DROP TRIGGER catalogue_version ON providers_{table}",
            )
            for table in TABLES
        ),
    ]
