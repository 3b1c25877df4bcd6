"""Who can be asked. Personas are global rows; reading them needs no tenant scope."""

from functools import lru_cache

from csuite.personas.models import Persona, PromptOverride, PromptRelease, PromptVersion
from csuite.personas.versions import catalogue_version
from csuite.tenants.scope import current_scope


class UnknownPersona(LookupError):
    """There is no active persona of that key."""


def all_personas() -> list[Persona]:
    """The active ones, in their order."""
    return list(Persona.objects.filter(is_active=True))


def active_keys() -> frozenset[str]:
    """Of the personas that can be asked. One small query: the keys are read again when the catalogue has changed."""
    at = catalogue_version()
    return _read_keys() if at is None else _keys_at(at)


@lru_cache(maxsize=4)
def _keys_at(version: int) -> frozenset[str]:
    return _read_keys()


def _read_keys() -> frozenset[str]:
    return frozenset(officer.key for officer in all_personas())


def persona(key: str) -> Persona:
    """Raises UnknownPersona for a key that does not exist or is switched off."""
    found = Persona.objects.filter(key=key, is_active=True).first()
    if found is None:
        raise UnknownPersona(key)
    return found


def published_prompt(name: str) -> PromptVersion:
    """What speaks under this name: in a tenant scope the tenant's own choice, else what is live.

    Raises PromptVersion.DoesNotExist if nothing is published.
    """
    return own_version(name) or live_version(name)


def own_version(name: str) -> PromptVersion | None:
    """The version that the tenant of the open scope has chosen for itself, if it has."""
    scope = current_scope()
    if scope is None or scope.tenant is None:
        return None
    own = PromptOverride.objects.filter(name=name).select_related("version").first()
    return own.version if own else None


def live_version(name: str) -> PromptVersion:
    """For everybody: what was made live last, else the newest published one. Raises PromptVersion.DoesNotExist."""
    published = PromptVersion.Status.PUBLISHED
    release = PromptRelease.objects.filter(name=name, version__status=published).select_related("version").first()
    return release.version if release else PromptVersion.objects.filter(name=name, status=published).latest("version")
