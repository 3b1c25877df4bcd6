"""Whose matter something is."""

from collections.abc import Sequence

from csuite.personas.models import Persona


def officer_of(metric: str, officers: Sequence[Persona]) -> str:
    """Who looks at the metric first; else who sees all; else the first of all. "" while nobody is active."""
    ranks = [(list(one.sees).index(metric), place) for place, one in enumerate(officers) if metric in one.sees]
    if ranks:
        return str(officers[min(ranks)[1]].key)
    return next((str(one.key) for one in officers if not one.sees), _first(officers))


def wanted(key: str, officers: Sequence[Persona]) -> str:
    """This officer, or the first while it is switched off."""
    return key if any(one.key == key for one in officers) else _first(officers)


def _first(officers: Sequence[Persona]) -> str:
    return str(officers[0].key) if officers else ""
