"""From a question to what a model is sent. Sync, inside a tenant scope."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from csuite.llm import Message
from csuite.personas.analyst.composing import worked_out
from csuite.personas.building import Prompt, Said, build
from csuite.personas.catalogue import all_personas, persona, published_prompt
from csuite.personas.models import Persona
from csuite.profiles.facts import facts_for
from csuite.profiles.records import Facts, to_json

Turn = tuple[str, str | None, str]  # role "user" or "assistant", persona key of an answer, text


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, ready for csuite.llm: messages, the facts for the analyst, and the prompt's settings."""

    messages: tuple[Message, ...]
    facts: dict[str, Any]
    prompt_version: str
    max_tokens: int
    temperature: float
    tier: str


def prepare(persona_key: str, question: str, history: Iterable[Turn], today: date) -> Asked:
    """Raises UnknownPersona, PromptVersion.DoesNotExist when its prompt is not published, or PromptError."""
    officers = all_personas()
    officer = next((found for found in officers if found.key == persona_key), None) or persona(persona_key)
    facts = facts_of(officer, officers, today)
    version = published_prompt(officer.prompt)
    names = {found.key: found.name for found in officers}
    said = [Said(role, text, names.get(key or "", "")) for role, key, text in history]
    messages = build(
        Prompt(version.identifier, version.body, tuple(version.requires)),
        described(officer),
        facts,
        question,
        said,
        worked_out(officer.key, question, facts, [text.text for text in said if text.role == "user"]),
    )
    return Asked(
        messages=tuple(Message(role, text) for role, text in messages),
        facts={**to_json(facts), "persona": described(officer)},
        prompt_version=version.identifier,
        max_tokens=version.max_tokens,
        temperature=float(version.temperature),
        tier=version.tier,
    )


def facts_of(officer: Persona, officers: Iterable[Persona], today: date) -> Facts:
    others = [(other.name, other.sees) for other in officers if other.key != officer.key]
    return facts_for(today, persona=officer.key, sees=officer.sees, insight_limit=officer.insights, others=others)


def described(officer: Persona) -> dict[str, str]:
    return {
        "key": officer.key,
        "name": officer.name,
        "title": officer.title,
        "byline": officer.byline,
    }
