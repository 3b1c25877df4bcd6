"""The tables whose rows are settings, and each row's value in words. A table that is one needs a row in AREAS."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import reverse

from csuite.analytics.models import Budget, ExchangeRate
from csuite.llm.tasks import TASKS
from csuite.pages.console.explained.record import AT_ONCE, said
from csuite.personas.models import Persona, PromptOverride, PromptRelease
from csuite.providers.models import LanguageModel, Price, ProviderSetting, Release, TaskSetting
from csuite.tenants.models import Flag, FlagOverride, Limit, SsoConnection, Tenant

MOST = 500  # rows of a table


@dataclass(frozen=True, slots=True)
class Table:
    """rows: what is shown, in order. value: of one row, "" where code and environment decide. who: the fields that
    say who made a row and when, where the row itself does.
    """

    model: type[Model]
    rows: Callable[[], "QuerySet[Any]"]
    value: Callable[[Any], str]
    who: tuple[str, str] | None = None
    at_once: str = AT_ONCE
    url: Callable[[Any], str] | None = None  # else the row's own page in the admin, where there is one


def fields(row: Model, *names: str) -> str:
    """Those that say something."""
    texts = {name.replace("_", " "): said(getattr(row, name)) for name in names}
    return ", ".join(f"{name} {text}" for name, text in texts.items() if text)


def _flag(row: Any) -> str:
    everyone = {True: "on for everybody", False: "off for everybody", None: ""}[row.everyone]
    share = f"{row.percent} % of " if row.percent else ""
    named = [f"on for {share}{tenant}" for tenant in row.tenants.all()]
    groups = [f"on for the group {group}" for group in row.groups.all()]
    people = len(row.users.all())
    parts = [everyone, *named, *groups, f"on for {people} people" if people else "",
             f"on for {row.percent} %" if row.percent and not named else "",
             "left to companies" if row.tenant_settable else "",
             *(f"on for {kind}" for kind in ("authenticated", "staff", "superusers") if getattr(row, kind)),
             f"until {row.expires_at:%Y-%m-%d %H:%M} UTC" if row.expires_at else ""]  # fmt: skip
    return ", ".join(part for part in parts if part) or "off"


def _budget(row: Budget) -> str:
    amount = "unlimited" if row.amount is None else f"{row.amount:.2f} {row.currency}"
    how = "a call beyond it is refused" if row.hard else "told of, never refused"
    step = f", {row.step_down_to} from {row.step_down_at} on" if row.step_down_to else ""
    return f"{amount} {row.get_period_display()}, {how}, warns at {row.warn_at or 'no share'}{step}"


def _price(row: Price) -> str:
    rates = ("input", "output", "cached_input", "cache_write", "reasoning")
    known = {name.replace("_", " "): value for name in rates if (value := getattr(row, name)) is not None}
    rated = ", ".join(f"{name} {value.normalize():f}" for name, value in known.items())
    return f"{rated} {row.currency} per million tokens ({row.source})"


def _task(row: TaskSetting) -> str:
    own = TASKS.get(row.task)
    if own is None or not fields(row, "tier", "complex_tier", "prompt_cap", "completion_cap"):
        return ""
    tiers = f"tier {row.tier or own.tier}, complex {row.complex_tier or own.complex}"
    return f"{tiers}, prompt {row.prompt_cap or own.caps.prompt}, answer {row.completion_cap or own.caps.completion}"


def _release(row: Release) -> str:
    lines = ", ".join(str(line) for line in row.models.all())
    return f"{row.get_state_display()}: {lines or 'the models of the environment'}"


def _latest(model: type[Model], *of: str) -> Callable[[], "QuerySet[Any]"]:
    """The row that holds for each."""
    return lambda: model._default_manager.order_by(*of, "-valid_from", "-id").distinct(*of)


AREAS: dict[str, Table] = {
    "Companies": Table(
        Tenant, Tenant.objects.all, lambda row: fields(row, "plan", "sign_in", "is_active", "currency", "time_zone")
    ),
    "Single sign-on": Table(
        SsoConnection,
        lambda: SsoConnection.objects.select_related("tenant"),
        lambda row: fields(row, "is_active", "issuer", "client_id", "creates_members", "default_role"),
    ),
    "Limits": Table(
        Limit,
        lambda: Limit.objects.select_related("tenant").order_by("name", "plan", "tenant__name"),
        lambda row: f"{row.amount} in {row.seconds} s",
        at_once="within 2 s",
    ),
    "Budgets": Table(
        Budget, lambda: Budget.objects.select_related("tenant").order_by("tenant__name", "scope"), _budget
    ),
    "Flags": Table(Flag, lambda: Flag.objects.order_by("name").prefetch_related("tenants", "groups", "users"), _flag),
    "Flags of companies": Table(
        FlagOverride,
        lambda: FlagOverride.objects.select_related("tenant", "flag"),
        lambda row: "on" if row.on else "off",
        who=("set_by", "set_at"),
        url=lambda row: reverse("admin:tenants_flag_change", args=[row.flag_id]),
    ),
    "Providers in the admin": Table(
        ProviderSetting,
        ProviderSetting.objects.all,
        lambda row: fields(row, "enabled", "base_url", "first_byte", "between", "total"),
    ),
    "Models in the admin": Table(
        LanguageModel,
        LanguageModel.objects.all,
        lambda row: fields(row, "enabled", "window", "max_output", "streaming", "json", "tools", "images"),
    ),
    "Tasks": Table(TaskSetting, TaskSetting.objects.all, _task),
    "Releases and their tiers": Table(
        Release, lambda: Release.objects.prefetch_related("models__model"), _release, who=("created_by", "created_at")
    ),
    "Prices": Table(Price, _latest(Price, "provider", "model"), _price, who=("entered_by", "entered_at")),
    "Exchange rates": Table(
        ExchangeRate,
        _latest(ExchangeRate, "source", "target"),
        lambda row: f"{row.rate.normalize():f} from {row.valid_from:%Y-%m-%d}",
        who=("entered_by", "entered_at"),
    ),
    "Officers": Table(
        Persona, Persona.objects.all, lambda row: fields(row, "is_active", "title", "prompt", "insights", "position")
    ),
    "Prompts": Table(
        PromptRelease,
        lambda: PromptRelease.objects.order_by("name", "-id").distinct("name").select_related("version", "by"),
        lambda row: f"{row.version} is live ({row.reason})",
        who=("by", "at"),
        url=lambda row: reverse("admin:personas_promptversion_release", args=[row.version_id]),
    ),
    "Prompts of companies": Table(
        PromptOverride,
        lambda: PromptOverride.objects.select_related("tenant", "version", "by"),
        lambda row: f"{row.version} ({row.reason})",
        who=("by", "at"),
        url=lambda row: reverse("admin:personas_promptversion_release", args=[row.version_id]),
    ),
}  # fmt: skip
