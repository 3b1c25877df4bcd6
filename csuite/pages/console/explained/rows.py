"""The settings that are rows, and hold at once: the platform's, and what companies have otherwise."""

from collections.abc import Iterator
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.urls import reverse

from csuite.pages.console.explained.variables import Explained
from csuite.personas.models import PromptOverride
from csuite.providers.models import LanguageModel, ProviderSetting, Release, TaskSetting
from csuite.tenants.models import Flag, Limit, PlatformAudit

# Area -> (table, the fields that are the value)
AREAS: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {
    "Limits": (Limit, ("amount", "seconds")),
    "Flags": (Flag, ("everyone", "percent", "staff", "tenant_settable", "expires_at")),
    "Providers in the admin": (ProviderSetting, ("enabled", "base_url", "first_byte", "between", "total")),
    "Models in the admin": (LanguageModel, ("enabled", "window", "max_output")),
    "Tasks": (TaskSetting, ("tier", "complex_tier", "prompt_cap", "completion_cap")),
    "Releases": (Release, ("state",)),
    "Prompts of companies": (PromptOverride, ("version", "reason")),
}
DEEDS = ("admin.add", "admin.change")
MOST = 500  # rows of a table


def explained() -> Iterator[tuple[str, list[Explained]]]:
    """In the platform's scope."""
    changes = _changes()
    for area, (model, fields) in AREAS.items():
        kind = str(ContentType.objects.get_for_model(model))
        rows = model._default_manager.all()
        if model in (Limit, PromptOverride):
            rows = rows.select_related("tenant")
        yield area, [_one(row, fields, changes.get((kind, str(row.pk)), "")) for row in rows[:MOST]]


def _one(row: models.Model, fields: tuple[str, ...], changed: str) -> Explained:
    tenant = getattr(row, "tenant", None)
    values = {name: getattr(row, f"{name}_id", None) or getattr(row, name) for name in fields}
    value = ", ".join(f"{name.replace('_', ' ')} {said}" for name, said in values.items() if said not in (None, ""))
    source = f"company {tenant}" if tenant else "database"
    name = row._meta.model_name
    url = reverse(f"admin:{row._meta.app_label}_{name}_change", args=[row.pk])
    return Explained(str(row), value or "as in code", source, changed, "at once", url)


def _changes() -> dict[tuple[str, str], str]:
    """(table, id) -> who changed it last and when, from the audit."""
    kinds = [str(ContentType.objects.get_for_model(model)) for model, _ in AREAS.values()]
    found: dict[tuple[str, str], str] = {}
    entries: Any = PlatformAudit.objects.filter(action__in=DEEDS, detail__model__in=kinds).select_related("user")
    for entry in reversed(entries.order_by("-at")[:5000]):
        who = entry.user.email if entry.user else "csuite"
        found[entry.detail["model"], str(entry.detail["id"])] = f"{who}, {entry.at:%Y-%m-%d %H:%M} UTC"
    return found
