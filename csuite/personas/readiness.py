"""What a question needs besides itself, read and built once for each state of data and catalogue.

The version numbers are part of every key, so nothing has to be thrown away when something changes, and no tenant can
meet another's: the tenant is part of the versions. All that is kept is immutable, because threads share it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import orjson

from csuite.personas.building import Brief, Prompt, brief
from csuite.personas.calculated import calculated_lines
from csuite.personas.catalogue import all_personas, persona, published_prompt
from csuite.personas.grounds import Grounds
from csuite.personas.models import Persona, PromptVersion
from csuite.personas.versions import Versions, versions
from csuite.profiles.facts import Whole, part_of, whole
from csuite.profiles.records import Facts, to_json

TENANTS = 32  # some 0.3 MB each
OFFICERS = 128  # some 0.1 MB each: the lines of the prompt, the facts as JSON; 0.3 MB once figures were checked


@dataclass(frozen=True, slots=True)
class Ready:
    """One officer of one tenant on one day. `names`: of every officer, by key; `stored`: the facts as JSON."""

    officer: Mapping[str, str]
    names: Mapping[str, str]
    facts: Facts
    grounds: Grounds
    stored: bytes
    brief: Brief
    tier: str
    max_tokens: int | None
    temperature: float | None


class StoredFacts(Mapping[str, Any]):
    """Facts as llm.Call carries them. Parsed when somebody looks, which only the analyst does; each call its own."""

    __slots__ = ("_parsed", "_stored")

    def __init__(self, stored: bytes) -> None:
        self._stored = stored
        self._parsed: dict[str, Any] | None = None

    def _facts(self) -> dict[str, Any]:
        if self._parsed is None:
            self._parsed = orjson.loads(self._stored)
        return self._parsed

    def __getitem__(self, key: str) -> Any:
        return self._facts()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts())

    def __len__(self) -> int:
        return len(self._facts())


def ready(key: str, today: date) -> Ready:
    """Inside a tenant scope; one query when it is at hand.

    Raises UnknownPersona, PromptVersion.DoesNotExist when its prompt is not published, or PromptError.
    """
    at = versions()
    return _made(key, whole(today)) if at is None else _kept(at, key, today)


def ready_with(version: PromptVersion, key: str, today: date) -> Ready:
    """The same with a version that may not be published; nothing of it is kept. Raises as `ready`."""
    return _made(key, whole(today), version)


def forget() -> None:
    """Drops all that is kept; for tests and measurements, no change needs it."""
    _kept.cache_clear()
    _whole.cache_clear()


@lru_cache(maxsize=OFFICERS)
def _kept(at: Versions, key: str, today: date) -> Ready:
    return _made(key, _whole(at, today))


@lru_cache(maxsize=TENANTS)
def _whole(at: Versions, today: date) -> Whole:
    return whole(today)


def _made(key: str, known: Whole, version: PromptVersion | None = None) -> Ready:
    officers = all_personas()
    officer = next((found for found in officers if found.key == key), None) or persona(key)
    facts = facts_of(officer, officers, known)
    version = version or published_prompt(officer.prompt)
    prompt = Prompt(version.identifier, version.body, tuple(version.requires))
    about = described(officer)
    grounds = Grounds(facts)
    return Ready(
        officer=MappingProxyType(about),
        names=MappingProxyType({found.key: found.name for found in officers}),
        facts=facts,
        grounds=grounds,
        stored=orjson.dumps({**to_json(facts), "persona": about}),
        brief=brief(prompt, about, facts, calculated_lines(grounds.known())),
        tier=version.tier,
        max_tokens=version.max_tokens,
        temperature=None if version.temperature is None else float(version.temperature),
    )


def facts_of(officer: Persona, officers: Iterable[Persona], known: Whole) -> Facts:
    others = [(other.name, other.sees) for other in officers if other.key != officer.key]
    return part_of(known, persona=officer.key, sees=officer.sees, insight_limit=officer.insights, others=others)


def described(officer: Persona) -> dict[str, str]:
    return {
        "key": officer.key,
        "name": officer.name,
        "title": officer.title,
        "byline": officer.byline,
    }
