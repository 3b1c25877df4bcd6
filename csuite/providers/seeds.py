"""Rows that every installation has, written after a migration: providers, models, tasks, the first release.

They say nothing otherwise than the code: with them alone settings and environment decide. A row that exists is left
alone.
"""

from typing import Any

from django.conf import settings
from django.utils import timezone

from csuite.llm.providers import ROWS
from csuite.llm.tasks import TASKS
from csuite.providers.models import LanguageModel, ProviderSetting, Release, TaskSetting

MODELS = (
    ("anthropic", "claude-opus-4-6", "Claude Opus 4.6"),
    ("anthropic", "claude-sonnet-4-6", "Claude Sonnet 4.6"),
    ("anthropic", "claude-haiku-4-5", "Claude Haiku 4.5"),
    ("cohere", "command-a-03-2025", "Command A"),
    ("fireworks", "accounts/fireworks/models/qwen2p5-72b-instruct", "Qwen 2.5 72B"),
    ("groq", "llama-3.3-70b-versatile", "Llama 3.3 70B"),
    ("groq", "llama-3.1-8b-instant", "Llama 3.1 8B"),
    ("groq", "openai/gpt-oss-120b", "GPT-OSS 120B"),
    ("mistral", "mistral-large-latest", "Mistral Large"),
    ("mistral", "mistral-small-latest", "Mistral Small"),
    ("openai", "gpt-4.1", "GPT-4.1"),
    ("openai", "gpt-4.1-mini", "GPT-4.1 mini"),
    ("openai", "gpt-4.1-nano", "GPT-4.1 nano"),
    ("openrouter", "openai/gpt-4.1-mini", "GPT-4.1 mini"),
)


def seed_after_migrate(using: str, **kwargs: Any) -> None:
    for row in ROWS:
        if row.key_name:
            ProviderSetting.objects.using(using).get_or_create(name=row.name)
    for provider, name, title in MODELS:
        LanguageModel.objects.using(using).get_or_create(provider=provider, name=name, defaults={"title": title})
    for task in TASKS:
        TaskSetting.objects.using(using).get_or_create(task=task)
    if not Release.objects.using(using).exists():
        Release.objects.using(using).create(
            label=settings.AI_MODEL_VERSION,
            note="As the environment says.",
            state=Release.State.CURRENT,
            current_since=timezone.now(),
        )
