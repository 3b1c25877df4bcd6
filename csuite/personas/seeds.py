"""Personas and prompts that come with the product, written once after a migration.

A row that exists is left alone: it belongs to the administrators from then on. A newer prompt is a new version.
"""

from typing import Any

from django.utils import timezone

from csuite.personas.models import Persona, PromptVersion
from csuite.personas.promptfiles import shipped
from csuite.personas.shipped import CATALOGUE


def seed_personas(using: str) -> None:
    for position, record in enumerate(CATALOGUE):
        fields = {name: value for name, value in record.items() if name != "key"}
        Persona.objects.using(using).get_or_create(key=record["key"], defaults={**fields, "position": position})


def seed_prompts(using: str) -> None:
    for prompt in shipped():
        PromptVersion.objects.using(using).get_or_create(
            name=prompt.name,
            version=prompt.version,
            defaults={
                "status": PromptVersion.Status.PUBLISHED,
                "body": prompt.body,
                "requires": list(prompt.requires),
                "tier": prompt.tier,
                "temperature": prompt.temperature,
                "max_tokens": prompt.max_tokens,
                "published_at": timezone.now(),
            },
        )


def seed_after_migrate(using: str, **kwargs: Any) -> None:
    seed_personas(using)
    seed_prompts(using)
