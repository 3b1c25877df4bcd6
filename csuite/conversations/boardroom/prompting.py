"""What a model is asked for a synthesis: the call to reserve for, before the answers are there, and the real one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from csuite import llm
from csuite.conversations.boardroom.minutes import Form
from csuite.llm.errors import LLMError
from csuite.llm.estimating import chain
from csuite.personas.catalogue import published_prompt
from csuite.personas.quoting import visible
from csuite.personas.templating import render
from csuite.profiles import months

LONGEST = 8_000  # characters of an answer that are read
PLACEHOLDER = "x " * (LONGEST // 2)  # an answer as long as that, for the reservation
GO = llm.Message("user", "Answer with the JSON object now.")


@dataclass(frozen=True, slots=True)
class Brief:
    """A published prompt and all of its variables but the answers. names: officer's key -> name, as they were asked."""

    identifier: str
    body: str
    requires: tuple[str, ...]
    tier: str
    max_tokens: int | None
    temperature: float | None
    today: date
    question: str
    names: Mapping[str, str]
    decisions: tuple[str, ...] = ()


def brief(question: str, names: Mapping[str, str], decisions: tuple[str, ...], today: date) -> Brief:
    """Inside a tenant scope. Raises PromptVersion.DoesNotExist when the prompt is not published."""
    version = published_prompt("board.synthesize")
    return Brief(
        version.identifier,
        version.body,
        tuple(version.requires),
        version.tier,
        version.max_tokens,
        None if version.temperature is None else float(version.temperature),
        today,
        question,
        names,
        decisions,
    )


def messages(brief: Brief, answers: Mapping[str, str] | None = None) -> tuple[llm.Message, ...]:
    """For these answers (by officer's key), or for the longest that are read. Raises PromptError."""
    said = dict.fromkeys(brief.names, PLACEHOLDER) if answers is None else answers
    blocks = [
        f'<answer officer="{key}" name="{_data(brief.names[key])}">\n{_data(t)}\n</answer>' for key, t in said.items()
    ]
    variables = {
        "today": months.day(brief.today),
        "officers": ", ".join(f"{brief.names[key]} (key {key})" for key in said),
        "question": _data(brief.question),
        "answers": "\n\n".join(blocks),
        "decisions": "\n".join(f"- {_data(line)}" for line in brief.decisions) or "None.",
    }
    return llm.Message("system", render(brief.body, variables, brief.requires)), GO


def _data(text: str) -> str:
    """Text of people and models as material: it closes none of our marks."""
    text = visible(text).strip().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def as_call(call: llm.Call, brief: Brief) -> llm.Call:
    """The call of the synthesis, out of the one that every answer of the turn has."""
    return replace(call, task="synthesize", tier=brief.tier, schema=Form.model_json_schema())


async def has_a_model(call: llm.Call) -> bool:
    """Whether anybody could fill in the form: the analyst cannot, and what nobody is asked costs nothing."""
    try:
        await chain(call)
    except LLMError:
        return False
    return True
