"""From a question to what a model is sent. Sync, inside a tenant scope."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from csuite.llm import Message
from csuite.personas.analyst.composing import worked_out
from csuite.personas.building import Said, messages
from csuite.personas.grounds import Grounds
from csuite.personas.readiness import Ready, StoredFacts, ready

Turn = tuple[str, str | None, str]  # role "user" or "assistant", persona key of an answer, text


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, ready for csuite.llm: messages, the facts for the analyst, and the prompt's settings.

    `grounds` and `texts` are what the answer may draw on; without grounds nobody checks its figures.
    """

    messages: tuple[Message, ...]
    facts: Mapping[str, Any]
    prompt_version: str
    max_tokens: int | None  # None: the provider's setting
    temperature: float | None
    tier: str
    question: str = ""
    grounds: Grounds | None = None
    texts: tuple[str, ...] = ()


def prepare(
    persona_key: str, question: str, history: Iterable[Turn], today: date, decisions: Sequence[str] = ()
) -> Asked:
    """`decisions`: the approved ones, newest first; nobody else's may be given.

    Raises UnknownPersona, PromptVersion.DoesNotExist when its prompt is not published, or PromptError.
    """
    return ask_ready(ready(persona_key, today), persona_key, question, history, decisions)


def ask_ready(
    at_hand: Ready, persona_key: str, question: str, history: Iterable[Turn], decisions: Sequence[str] = ()
) -> Asked:
    """The same from what is at hand. Raises PromptError."""
    names = {**at_hand.names, "board": "board"}  # whose minutes are not this officer's own words
    said = [Said(role, text, names.get(key or "", "")) for role, key, text in history]
    asked_before = [text.text for text in said if text.role == "user"]
    computed = worked_out(persona_key, question, at_hand.facts, asked_before)
    return Asked(
        messages=tuple(
            Message(role, text) for role, text in messages(at_hand.brief, question, said, computed, decisions)
        ),
        facts=StoredFacts(at_hand.stored),
        prompt_version=at_hand.brief.prompt.identifier,
        max_tokens=at_hand.max_tokens,
        temperature=at_hand.temperature,
        tier=at_hand.tier,
        question=question,
        grounds=at_hand.grounds,
        texts=(*(line for line in computed.splitlines() if line), *decisions),
    )
