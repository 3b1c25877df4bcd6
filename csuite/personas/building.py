"""Prompt building: values in, messages out. No database, no clock, no model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from csuite.personas import tokens
from csuite.personas.briefing import Section, decided, standing_sections, worked_out
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


@dataclass(frozen=True, slots=True)
class Measured:
    """A section with the tokens of each of its lines, so that they are counted once and not for every question."""

    section: Section
    sizes: tuple[int, ...]
    size: int
    text: str


@dataclass(frozen=True, slots=True)
class Brief:
    """All of a system message that does not depend on the question. Never changed, so it can be kept and shared."""

    prompt: Prompt
    name: str
    variables: Mapping[str, str]
    company: Measured
    others: tuple[Measured, ...]
    bare: int  # tokens of the prompt without any data

    def system(self, data: str) -> str:
        return render(self.prompt.body, {**self.variables, "data": data}, self.prompt.requires)


def brief(prompt: Prompt, persona: Mapping[str, str], facts: Facts, calculated: Sequence[str] = ()) -> Brief:
    """`persona`: key, name, title; `calculated`: lines of what follows from the facts. Raises PromptError."""
    newest = facts.newest
    variables = {
        "title": persona["title"],
        "today": months.day(facts.today),
        "newest": months.long(newest) if newest else "none yet",
    }
    company, *others = (measured(part) for part in standing_sections(facts, calculated))
    bare = tokens.count(render(prompt.body, {**variables, "data": ""}, prompt.requires))
    return Brief(prompt, persona["name"], MappingProxyType(variables), company, tuple(others), bare)


def build(
    prompt: Prompt,
    persona: Mapping[str, str],
    facts: Facts,
    question: str,
    history: Sequence[Said] = (),
    computed: str = "",
) -> list[Spoken]:
    """The messages for one question, from facts that nobody keeps. See `messages`."""
    return messages(brief(prompt, persona, facts), question, history, computed)


def messages(
    known: Brief, question: str, history: Sequence[Said] = (), computed: str = "", decisions: Sequence[str] = ()
) -> list[Spoken]:
    """(role, text) of every message: system, history, question.

    `computed`: what the server worked out for this question; `decisions`: what was approved. The system message and
    the question stay under BUDGET tokens: whole lines go, of the least important section first. Raises PromptError.
    """
    asked = visible(question).strip()
    room = max(LEAST, BUDGET - tokens.count(asked)) - known.bare
    parts = (known.company, measured(worked_out(computed)), measured(decided(decisions)), *known.others)
    text = known.system(fitted([part for part in parts if part.sizes], room))
    return [("system", text), *recent(history, known.name), ("user", asked)]


def measured(part: Section) -> Measured:
    sizes = tuple(tokens.count(line) + 1 for line in part.lines)
    return Measured(part, sizes, sum(sizes) + tokens.count(part.title) + 2, _block(part, len(sizes)))


def _block(part: Section, lines: int) -> str:
    return "\n".join([f"## {part.title}", *part.lines[:lines]])


def fitted(parts: Sequence[Measured], room: int) -> str:
    """The sections in their order, with lines dropped from the end of the least important until they fit."""
    over = sum(part.size for part in parts) - room
    texts = [part.text for part in parts]
    for place, part in sorted(enumerate(parts), key=lambda placed: placed[1].section.priority):
        if over <= 0:
            break
        kept = len(part.sizes)
        while over > 0 and kept:
            kept -= 1
            over -= part.sizes[kept]
        texts[place] = _block(part.section, kept) if kept else ""
    return "\n\n".join(text for text in texts if text)


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
