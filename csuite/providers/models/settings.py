"""What an administrator says otherwise than code and environment do. Empty fields leave it to them."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models

from csuite.llm.addresses import BadAddress, checked
from csuite.llm.tasks import TASKS, TIERS

AS_IN_CODE = "Empty: as csuite knows it."
TIER_CHOICES = [(name, name) for name in TIERS]


def seconds(help_text: str) -> "models.FloatField[float | None, float | None]":
    return models.FloatField(null=True, blank=True, validators=[MinValueValidator(0.1)], help_text=help_text)


def tokens(help_text: str) -> "models.PositiveIntegerField[int | None, int | None]":
    return models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)], help_text=help_text)


def ability(help_text: str) -> "models.BooleanField[bool | None, bool | None]":
    return models.BooleanField(null=True, blank=True, help_text=f"{help_text} {AS_IN_CODE}")


class Edited(models.Model):
    """A row that staff changes, with who did it last."""

    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    class Meta:
        abstract = True


class ProviderSetting(Edited):
    """One provider. Its key is in the environment only, and goes to no host that code or environment do not name."""

    name = models.CharField(max_length=40, unique=True, help_text="As in the settings: openai, groq, local, …")
    enabled = models.BooleanField(default=True, help_text="Off: no call goes there.")
    base_url = models.CharField(
        "address",
        max_length=300,
        blank=True,
        help_text="With the version, as in …/v1. A host that is neither the provider's own nor in LLM_ALLOWED_HOSTS"
        " switches the provider off. Empty: as in the environment, else the provider's own.",
    )
    first_byte = seconds("Seconds to the first byte, and for the whole of an answer that is not streamed.")
    between = seconds("Seconds between two pieces of an answer.")
    total = seconds("Seconds for a whole streamed answer.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return str(self.name)

    def clean(self) -> None:
        """Refuses what addresses.py would not call (THREATS T31)."""
        if self.base_url:
            self.base_url = self.base_url.strip().rstrip("/")
            try:
                checked(self.base_url)
            except BadAddress as error:
                raise ValidationError({"base_url": str(error)}) from None


class LanguageModel(Edited):
    """One model of one provider, and what it can do."""

    provider = models.CharField(max_length=40, help_text="As in the settings: openai, groq, local, …")
    name = models.CharField(max_length=200, help_text="Exactly as it is called.")
    title = models.CharField(max_length=120, blank=True, help_text="As a person reads it.")
    enabled = models.BooleanField(default=True, help_text="Off: no call goes to it.")
    window = tokens(f"Tokens of prompt and answer together. {AS_IN_CODE}")
    max_output = tokens(f"Tokens of the longest answer. {AS_IN_CODE}")
    streaming = ability("Answers word by word.")
    json = ability("Answers as JSON when asked to.")
    tools = ability("Uses tools.")
    images = ability("Reads images.")

    class Meta:
        ordering = ["provider", "name"]
        constraints = [models.UniqueConstraint(fields=["provider", "name"], name="model_once")]

    def __str__(self) -> str:
        return f"{self.provider}/{self.name}"


class TaskSetting(Edited):
    """One task: the tier it goes to, and the most tokens it may send and be sent."""

    task = models.CharField(max_length=40, unique=True, choices=[(name, name) for name in TASKS])
    tier = models.CharField(max_length=20, blank=True, choices=TIER_CHOICES, help_text=AS_IN_CODE)
    complex_tier = models.CharField(
        max_length=20, blank=True, choices=TIER_CHOICES, help_text=f"For complex calls. {AS_IN_CODE}"
    )
    prompt_cap = tokens("The longest prompt, in tokens; a longer one is refused. Empty: as in the settings.")
    completion_cap = tokens("The longest answer, in tokens; it is cut there. Empty: as in the settings.")

    class Meta:
        ordering = ["task"]

    def __str__(self) -> str:
        return str(self.task)
