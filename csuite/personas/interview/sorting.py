"""An answer sorted into the profile: by a model where one is at hand, else by rules."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field

from csuite.personas.interview import rules
from csuite.personas.interview.questions import Question
from csuite.personas.interview.rules import DraftGoal, Sorted
from csuite.personas.quoting import quoted
from csuite.personas.writer.drafting import Author, Wanted, fill
from csuite.personas.writer.results import Form
from csuite.profiles.entries import BY_KEY, BadEntry, parsed

SURE = 0.5  # below this the rules' reading is taken instead


class GoalForm(BaseModel):
    title: str = Field(min_length=1, max_length=160)
    target: Decimal = Field(allow_inf_nan=False, max_digits=20)
    unit: Literal["percent", "currency", "count", "days", "hours"]
    direction: Literal["at_least", "at_most"] = "at_least"
    deadline: date | None = None


class AnswerForm(Form):
    """entries: by key, in the words of the answer. ask: what is missing to understand it, else empty."""

    entries: dict[str, str] = {}
    goals: list[GoalForm] = []
    ask: str = ""


async def sort(
    author: Author, question: Question, asked: str, text: str, deadline: date, known: Mapping[str, str]
) -> tuple[Sorted, str]:
    """What it said, and which model sorted it ("" for the rules)."""
    by_rules = rules.sort(question, text, deadline)
    fields = "\n".join(f"- {key}: {BY_KEY[key].label}" for key in question.fills) or "- none"
    wanted = Wanted(
        "profile.extract",
        "extract",
        AnswerForm,
        {
            "asked": asked,
            "fields": fields,
            "goals": "yes" if question.goals else "no",
            "deadline": deadline.isoformat(),
            "known": "\n".join(f"{quoted(name)}: {quoted(value)}" for name, value in known.items()) or "Nothing yet.",
            "data": "\n".join(quoted(line, 2000) for line in text.splitlines()),
        },
    )
    filled = await fill(author, wanted)
    form = filled.form
    if form is None or form.confidence < SURE:
        return by_rules, ""
    found = Sorted(_fitting(question, form), _goals(question, form, deadline), " ".join(form.ask.split())[:300])
    if not found.entries and not found.goals and not found.ask:
        return by_rules, ""
    return found, filled.made.model


def _fitting(question: Question, form: AnswerForm) -> dict[str, str]:
    """Only what this question is for, and only values that the entry can hold."""
    found = {}
    for key, value in form.entries.items():
        if key not in question.fills or not value.strip():
            continue
        try:
            parsed(BY_KEY[key], value)
        except BadEntry:
            continue
        found[key] = value
    return found


def _goals(question: Question, form: AnswerForm, deadline: date) -> list[DraftGoal]:
    if not question.goals:
        return []
    return [
        DraftGoal(goal.title, goal.target, goal.unit, goal.direction, goal.deadline or deadline)
        for goal in form.goals[: rules.MOST_GOALS]
        if "\0" not in goal.title
    ]
