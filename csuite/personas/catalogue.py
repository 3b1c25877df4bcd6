"""Who can be asked. Personas are global rows; reading them needs no tenant scope."""

from csuite.personas.models import Persona, PromptVersion


class UnknownPersona(LookupError):
    """There is no active persona of that key."""


def all_personas() -> list[Persona]:
    """The active ones, in their order."""
    return list(Persona.objects.filter(is_active=True))


def persona(key: str) -> Persona:
    """Raises UnknownPersona for a key that does not exist or is switched off."""
    found = Persona.objects.filter(key=key, is_active=True).first()
    if found is None:
        raise UnknownPersona(key)
    return found


def published_prompt(name: str) -> PromptVersion:
    """The newest published version. Raises PromptVersion.DoesNotExist if there is none."""
    return PromptVersion.objects.filter(name=name, status=PromptVersion.Status.PUBLISHED).latest("version")
