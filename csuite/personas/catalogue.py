"""Who can be asked. Personas are global rows; reading them needs no tenant scope."""

from functools import lru_cache

from csuite.personas.models import Persona, PromptVersion
from csuite.personas.versions import catalogue_version


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
    """The newest published version. Raises PromptVersion.DoesNotExist if there is none."""
    return PromptVersion.objects.filter(name=name, status=PromptVersion.Status.PUBLISHED).latest("version")
