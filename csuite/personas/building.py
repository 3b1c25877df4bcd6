"""Prompt building: values in, messages out. No database, no clock, no model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from csuite.personas import tokens
from csuite.personas.briefing import Section, sections
from csuite.personas.quoting import visible
from csuite.personas.templating import render
from csuite.profiles import months
from csuite.profiles.records import Facts

Role = Literal["system", "user", "assistant"]
Spoken = tuple[Role, str]

BUDGET = 4000  # tokens, without history
LEAST = 1500  # what is left for the company when a question is very long
HISTORY_EXCHANGES = 5
HISTORY_BUDGET = 4000  # tokens


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the conversation so far. `name`: which officer, for an answer."""

    role: str
    text: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a prompt version gives."""

    identifier: str
    body: str
    requires: tuple[str, ...]


def build(
    prompt: Prompt,
    persona: Mapping[str, str],
    facts: Facts,
    question: str,
    history: Sequence[Said] = (),
    computed: str = "",
) -> list[Spoken]:
    """(role, text) of every message: system, history, question.

    `persona`: key, name, title. `computed`: what the server worked out for this question. The system message and
    the question stay under BUDGET tokens: whole lines go, of the least important section first. Raises PromptError.
    """
    asked = visible(question).strip()
    parts = sections(facts, computed)

    def system(data: str) -> str:
        newest = facts.newest
        variables = {
            "title": persona["title"],
            "today": months.day(facts.today),
            "newest": months.long(newest) if newest else "none yet",
            "data": data,
        }
        return render(prompt.body, variables, prompt.requires)

    room = max(LEAST, BUDGET - tokens.count(asked)) - tokens.count(system(""))
    text = system(fitted(parts, room))
    return [("system", text), *recent(history, persona["name"]), ("user", asked)]


def fitted(parts: Sequence[Section], room: int) -> str:
    """The sections in their order, with lines dropped from the end of the least important until they fit."""
    lines = {part: list(part.lines) for part in parts}
    sizes = {part: [tokens.count(line) + 1 for line in part.lines] for part in parts}
    total = sum(map(sum, sizes.values())) + sum(tokens.count(part.title) + 2 for part in parts)
    for part in sorted(parts, key=lambda part: part.priority):
        while total > room and lines[part]:
            lines[part].pop()
            total -= sizes[part].pop()
    return "\n\n".join("\n".join([f"## {part.title}", *lines[part]]) for part in parts if lines[part])


def recent(history: Sequence[Said], name: str) -> list[Spoken]:
    """The last exchanges, verbatim and oldest first, as far as they fit; an exchange begins with a question.

    What another officer answered is marked with that officer's name. Answers to one question become one message.
    """
    kept: list[list[Spoken]] = []
    room = HISTORY_BUDGET
    for exchange in reversed(_exchanges(history, name)[-HISTORY_EXCHANGES:]):
        room -= sum(tokens.count(text) for _, text in exchange)
        if room < 0:
            break
        kept.insert(0, exchange)
    return [message for exchange in kept for message in exchange]


def _exchanges(history: Sequence[Said], name: str) -> list[list[Spoken]]:
    exchanges: list[list[Spoken]] = []
    for said in history:
        text = visible(said.text)
        if said.role == "user" or not exchanges:
            exchanges.append([("user", text)] if said.role == "user" else [])
            if said.role == "user":
                continue
        if said.name and said.name != name:
            text = f"[The {said.name} answered:]\n{text}"
        current = exchanges[-1]
        if current and current[-1][0] == "assistant":
            text = f"{current.pop()[1]}\n\n{text}"
        current.append(("assistant", text))
    return [exchange for exchange in exchanges if exchange and exchange[0][0] == "user"]
