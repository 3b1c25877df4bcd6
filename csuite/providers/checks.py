"""Checking the providers, each minute: who answers, and since when; and which keys are there."""

import asyncio

from django.utils import timezone

from csuite.llm.meter import tell
from csuite.llm.probing import Probe, can_be_probed, probe_all
from csuite.llm.providers import Provider
from csuite.llm.registry import from_settings
from csuite.providers import keyring
from csuite.providers.catalogue import current, planned
from csuite.providers.models import ProviderHealth


def configured() -> list[Provider]:
    """The providers that could be asked, as the rows say: none that is switched off or moved to a strange host."""
    rows, off = current("")
    plan = planned(from_settings(), rows, off=off)
    if plan.off:
        return []
    return [row for row in plan.providers.values() if row.name not in plan.closed and can_be_probed(row)]


def check() -> list[Probe]:
    """Asks each provider, keeps what came of it and tells of changes."""
    keyring.notice()
    rows = configured()
    probes = asyncio.run(probe_all(rows))
    ProviderHealth.objects.exclude(provider__in=[row.name for row in rows]).delete()
    for probe in probes:
        if _keep(probe):
            _tell(probe)
    return probes


def _keep(probe: Probe) -> bool:
    """Whether the provider has come back or gone."""
    now = timezone.now()
    seen = {"ok": probe.ok, "error": probe.error, "latency_ms": probe.latency_ms, "checked_at": now}
    row, made = ProviderHealth.objects.get_or_create(provider=probe.provider, defaults={**seen, "since": now})
    if made:
        return not probe.ok
    changed = row.ok != probe.ok
    for name, value in {**seen, **({"since": now} if changed else {})}.items():
        setattr(row, name, value)
    row.save()
    return changed


def _tell(probe: Probe) -> None:
    name = "healthy" if probe.ok else "unhealthy"
    asyncio.run(tell(name, provider=probe.provider, error=probe.error))
