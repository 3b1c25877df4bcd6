"""Who speaks, and with which words: global tables, the same for every tenant."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from csuite.personas.templating import PromptError, check
from csuite.personas.versions import CatalogueVersion

__all__ = ["CatalogueVersion", "Persona", "PromptVersion"]


class Persona(models.Model):
    """An officer one can ask. Rows shipped with the product are created once and then belong to the admin."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60, help_text="As CFO.")
    title = models.CharField(max_length=120, help_text="As Chief financial officer.")
    byline = models.CharField(max_length=60, help_text="As Finance.")
    role_line = models.CharField(max_length=120, blank=True, help_text="As Margin, cash, forecasts, risk.")
    mark = models.CharField(max_length=20, blank=True, help_text="Shape and hue; empty: the key.")
    prompt = models.CharField(max_length=60, help_text="Name of its prompt, as persona.cfo.")
    sees = models.JSONField(default=list, blank=True, help_text="Keys of the metrics it sees; empty: all.")
    questions = models.JSONField(default=list, blank=True, help_text="Questions it likes.")
    insights = models.PositiveSmallIntegerField(default=2, help_text="How many recent insights it is given.")
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "key"]

    def __str__(self) -> str:
        return self.name

    @property
    def hue(self) -> str:
        """The name of its colour and shape in the design."""
        return self.mark or self.key


class PromptVersion(models.Model):
    """One version of a prompt. `persona.cfo` in version 1 is called `persona.cfo.v1` everywhere."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    class Tier(models.TextChoices):
        PREMIUM = "premium", "Premium"
        STANDARD = "standard", "Standard"
        BULK = "bulk", "Bulk"

    name = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.DRAFT)
    body = models.TextField(help_text="Jinja2, sandboxed: variables, if, for and a few filters.")
    requires = models.JSONField(default=list, help_text="Variables it must be given.")
    tier = models.CharField(max_length=10, choices=Tier.choices, default=Tier.STANDARD)
    temperature = models.DecimalField(
        max_digits=3, decimal_places=2, null=True, blank=True, help_text="Empty: the provider's setting."
    )
    max_tokens = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: the provider's setting.")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["name", "-version"]
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="prompt_version_once")]

    def __str__(self) -> str:
        return self.identifier

    def clean(self) -> None:
        try:
            check(self.body, self.requires)
        except PromptError as error:
            raise ValidationError({"body": str(error)}) from error

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises ValidationError for a body that is not safe, and for another body under a published version's name."""
        self.clean()
        before = PromptVersion.objects.using(kwargs.get("using")).filter(pk=self.pk).exclude(status="draft").first()
        if before is not None and before.body != self.body:
            raise ValidationError({"body": f"{self.identifier} was published; write a new version instead"})
        super().save(*args, **kwargs)

    @property
    def identifier(self) -> str:
        return f"{self.name}.v{self.version}"
