"""What the rows say about routing, read once for each state of them and kept in the process.

One small query before each call says whether anything has changed, and whether the kill switch is on: so both hold in
every process at once.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db import connection
from django.utils import timezone

from csuite.llm.addresses import BadAddress, checked
from csuite.llm.providers import Provider
from csuite.llm.router import Plan
from csuite.llm.tasks import TASKS, Caps, Task
from csuite.providers.models import LanguageModel, ProviderHealth, ProviderSetting, Release, TaskSetting, TierModel
from csuite.tenants.flags import is_on
from csuite.tenants.models import Flag, Tenant

KILL_SWITCH = "llm-off"
FRESH_SECONDS = 60.0  # how long a state is kept at most, so that a check that nobody repeats goes out of date
OUT_OF_DATE = timedelta(minutes=5)  # a provider that was not checked for so long counts as healthy
NOW = """
SELECT (SELECT number FROM providers_catalogueversion WHERE id = 1), f.id,
       CASE WHEN f.expires_at <= now() THEN false ELSE f.everyone END
FROM (SELECT 1) one LEFT JOIN tenants_flag f ON f.name = %s
"""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The rows as values. tiers, tasks, models: as in llm.router.Plan, of the current release."""

    providers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    disabled: frozenset[str] = frozenset()
    tiers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tasks: Mapping[str, TaskSetting] = field(default_factory=dict)
    models: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unhealthy: frozenset[str] = frozenset()
    release: str = ""


@dataclass(frozen=True, slots=True)
class _Kept:
    number: int
    read_at: float
    catalogue: Catalogue


_kept: list[_Kept] = []


def current(tenant: str) -> tuple[Catalogue, bool]:
    """What holds now, and whether the kill switch is on for this tenant (an id, or "")."""
    with connection.cursor() as cursor:
        cursor.execute(NOW, [KILL_SWITCH])
        number, flag, everyone = cursor.fetchone()
    off = bool(everyone) if everyone is not None else flag is not None and _off_for(tenant)
    return _at(number), off


def _off_for(tenant: str) -> bool:
    """The switch is for some companies only."""
    try:
        row = Tenant.objects.filter(id=UUID(tenant)).first()
    except ValueError:
        return False
    flag = Flag.objects.filter(name=KILL_SWITCH).first()
    return flag is not None and is_on(flag, row, None)


def _at(number: int | None) -> Catalogue:
    """None: nobody counts the changes, so nothing is kept."""
    if number is None:
        return read()
    for kept in _kept:
        if kept.number == number and time.monotonic() - kept.read_at < FRESH_SECONDS:
            return kept.catalogue
    found = _Kept(number, time.monotonic(), read())
    _kept[:] = [found]
    return found.catalogue


def read() -> Catalogue:
    """All rows, as they are now."""
    settings = list(ProviderSetting.objects.all())
    models = list(LanguageModel.objects.all())
    release = Release.objects.filter(state=Release.State.CURRENT).first()
    recent = timezone.now() - OUT_OF_DATE
    return Catalogue(
        providers={row.name: _fields(row) for row in settings},
        disabled=frozenset(row.name for row in settings if not row.enabled),
        tiers=_tiers(release),
        tasks={row.task: row for row in TaskSetting.objects.all()},
        models={str(row): _can(row) for row in models},
        unhealthy=frozenset(
            ProviderHealth.objects.filter(ok=False, checked_at__gt=recent).values_list("provider", flat=True)
        ),
        release=release.label if release else "",
    )


def _fields(row: ProviderSetting) -> dict[str, Any]:
    said = {"moved_to": row.base_url, "waits": row.first_byte, "between": row.between, "total": row.total}
    return {name: value for name, value in said.items() if value}


def _can(row: LanguageModel) -> dict[str, Any]:
    names = ("enabled", "window", "max_output", "streaming", "json", "tools", "images")
    return {name: getattr(row, name) for name in names if getattr(row, name) is not None}


def _tiers(release: Release | None) -> dict[str, list[str]]:
    tiers: dict[str, list[str]] = {}
    for row in TierModel.objects.filter(release=release).select_related("model") if release else ():
        tiers.setdefault(row.tier, []).append(str(row.model))
    return tiers


def planned(plan: Plan, rows: Catalogue, *, off: bool) -> Plan:
    """The plan of settings and environment with what the rows say otherwise."""
    moved = {name: _moved(row, rows.providers.get(name, {})) for name, row in plan.providers.items()}
    strange = {name for name, row in moved.items() if not may_be_asked(row, plan.providers[name])}
    return replace(
        plan,
        providers=moved,
        closed=rows.disabled | strange,
        tiers={**plan.tiers, **rows.tiers},
        tasks={name: _task(task, rows.tasks.get(name)) for name, task in (plan.tasks or TASKS).items()},
        models={**plan.models, **{name: {**plan.models.get(name, {}), **can} for name, can in rows.models.items()}},
        unhealthy=rows.unhealthy,
        off=plan.off or off,
    )


def _moved(row: Provider, said: Mapping[str, Any]) -> Provider:
    address = said.get("moved_to", "")
    return replace(row, **said, guarded=row.guarded or bool(address and not _is_own(address, row))) if said else row


def may_be_asked(moved: Provider, own: Provider) -> bool:
    """Whether the address that a row gives is at a host that code, environment or operator name (THREATS T30)."""
    if not moved.moved_to:
        return True
    try:
        return _is_own(moved.moved_to, own) or checked(moved.moved_to).allowed
    except BadAddress:
        return False


def _is_own(url: str, own: Provider) -> bool:
    """The same scheme, host and port as code or environment say; another path of them is theirs too."""
    places = {urlsplit(text)[:2] for text in (own.base_url, own.address()) if text}
    return urlsplit(url)[:2] in places


def _task(task: Task, row: TaskSetting | None) -> Task:
    if row is None:
        return task
    caps = Caps(row.prompt_cap or task.caps.prompt, row.completion_cap or task.caps.completion)
    return Task(row.tier or task.tier, row.complex_tier or task.complex, caps)
