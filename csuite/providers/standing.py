"""How each provider stands, in words for staff: where it is asked, its key, its last check."""

from dataclasses import replace

from django.utils import timezone

from csuite.llm.providers import table
from csuite.providers import keyring
from csuite.providers.catalogue import may_be_asked
from csuite.providers.models import ProviderHealth, ProviderSetting


def address(row: ProviderSetting) -> str:
    own = table().get(row.name)
    if own is None:
        return "there is no such provider"
    if not may_be_asked(replace(own, moved_to=row.base_url), own):
        return f"{row.base_url}: not asked, for its host is not in LLM_ALLOWED_HOSTS"
    return row.base_url or own.address() or "wherever a local server is found"


def key(provider: str) -> str:
    own = table().get(provider)
    found = keyring.age(own.key_name) if own and own.key_name else None
    return str(found) if found else "not set"


def health(provider: str) -> str:
    row = ProviderHealth.objects.filter(provider=provider).first()
    if row is None:
        return "not checked"
    ago = round((timezone.now() - row.checked_at).total_seconds())
    how = f"answered in {row.latency_ms} ms" if row.ok else f"failed ({row.error}) since {row.since:%Y-%m-%d %H:%M}"
    return f"{how}, {ago} s ago"
