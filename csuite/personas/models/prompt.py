"""Prompts: their versions, what was made live when and why, and a tenant's own choice."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from csuite.personas.promptfiles import variables_of
from csuite.personas.templating import PromptError, check
from csuite.tenants.models import TenantOwned


def person(related_name: str = "+") -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name=related_name, editable=False
    )


class PromptVersion(models.Model):
    """One version of a prompt. `persona.cfo` in version 1 is called `persona.cfo.v1` everywhere.

    Its words can be changed while it is a draft; once it was published they never change again.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        REVIEW = "review", "In review"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    class Tier(models.TextChoices):
        PREMIUM = "premium", "Premium"
        STANDARD = "standard", "Standard"
        BULK = "bulk", "Bulk"

    OPEN = (Status.DRAFT, Status.REVIEW)

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
    note = models.CharField(max_length=200, blank=True, help_text="What is different, in a few words.")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = person()
    reviewed_at = models.DateTimeField(null=True, blank=True, editable=False)
    reviewed_by = person()
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = person()

    class Meta:
        ordering = ["name", "-version"]
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="prompt_version_once")]

    def __str__(self) -> str:
        return self.identifier

    def clean(self) -> None:
        if not isinstance(self.requires, list) or not all(isinstance(name, str) for name in self.requires):
            raise ValidationError({"requires": 'A list of names, as in ["today", "data"].'})
        given = variables_of(self.name)
        try:
            check(self.body, self.requires, known=given and {*given, *self.requires})
        except PromptError as error:
            raise ValidationError({"body": str(error)}) from error

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises ValidationError for a body that is not safe, and for another body under a published version's name."""
        self.clean()
        rows = PromptVersion.objects.using(kwargs.get("using")).filter(pk=self.pk)
        before = rows.exclude(status__in=self.OPEN).first()
        if before is not None and _words(before) != _words(self):
            raise ValidationError({"body": f"{self.identifier} was published; write a new version instead"})
        super().save(*args, **kwargs)

    @property
    def identifier(self) -> str:
        return f"{self.name}.v{self.version}"

    @property
    def is_open(self) -> bool:
        """Whether its words may still change."""
        return self.status in self.OPEN


def _words(version: PromptVersion) -> tuple[Any, ...]:
    """What makes an answer what it is, and so never changes under one identifier."""
    return (
        version.body,
        list(version.requires),
        version.tier,
        None if version.temperature is None else float(version.temperature),
        version.max_tokens,
    )


class PromptRelease(models.Model):
    """A version was made live for everybody: the history of the label "live". The newest one holds."""

    append_only = True

    class Action(models.TextChoices):
        PUBLISH = "publish", "Published"
        ROLL_BACK = "roll_back", "Rolled back"

    name = models.CharField(max_length=60)
    version = models.ForeignKey(PromptVersion, models.PROTECT, related_name="releases")
    before = models.ForeignKey(PromptVersion, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=12, choices=Action.choices)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField(auto_now_add=True)
    by = person()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["name", "-id"], name="prompt_release_latest")]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.version}"


class PromptOverride(TenantOwned):
    """One tenant speaks with a version of its own choice, whatever is live for the others."""

    name = models.CharField(max_length=60)
    version = models.ForeignKey(PromptVersion, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    at = models.DateTimeField(auto_now=True)
    by = person()

    class Meta(TenantOwned.Meta):
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="prompt_override_once")]

    def __str__(self) -> str:
        return f"{self.version} for {self.tenant}"
