"""The synthesis of a boardroom as data: the form that a model fills in, and the minutes that are kept of it. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

LONGEST = 1200  # characters of a decision


def _one_line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


def _date_or_none(value: object) -> object:
    """Models write "", "none" or "to be named" where they have no date: that is no reason to ask again."""
    try:
        return date.fromisoformat(value.strip()[:10]) if isinstance(value, str) else value
    except ValueError:
        return None


Line = Annotated[str, BeforeValidator(_one_line), Field(max_length=LONGEST)]


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True)


class Point(_Form):
    point: Line
    officers: list[str] = Field(default_factory=list)


class Dissent(_Form):
    officer: str
    view: Line
    quote: Line


class Mind(_Form):
    officer: str
    what: Line


class Form(_Form):
    """What a model is asked for; nothing of it is believed yet."""

    decision: Line
    missing: Line = Field(default="")
    agreement: list[Point] = Field(default_factory=list, max_length=8)
    dissent: list[Dissent] = Field(default_factory=list, max_length=12)
    confidence: int = Field(ge=0, le=100)
    depends_on: Line = Field(default="")
    change_of_mind: list[Mind] = Field(default_factory=list, max_length=8)
    owner: Line = Field(default="")
    due: Annotated[date | None, BeforeValidator(_date_or_none)] = Field(default=None)


class Position(_Form):
    """What an officer would do, in the officer's own words: all that rules can say."""

    officer: str
    quote: Line


class Minutes(_Form):
    """The synthesis as it is kept and shown. Every dissent stands in the officer's answer.

    answers: officer -> id of the answer that was read; names: officer -> how she is called. decision is empty where
    there is none yet, then `missing` says why. confidence: percent, None where nobody weighed it. warnings: what was
    left out, or stands in none of the answers. by_rules: no model wrote it.
    """

    decision: str = Field(default="")
    missing: str = Field(default="")
    agreement: list[Point] = Field(default_factory=list)
    dissent: list[Dissent] = Field(default_factory=list)
    positions: list[Position] = Field(default_factory=list)
    confidence: int | None = Field(default=None)
    depends_on: str = Field(default="")
    change_of_mind: list[Mind] = Field(default_factory=list)
    owner: str = Field(default="")
    due: date | None = Field(default=None)
    answers: dict[str, str] = Field(default_factory=dict)
    names: dict[str, str] = Field(default_factory=dict)
    warnings: list[str] = Field(default_factory=list)
    by_rules: bool = Field(default=False)

    def name(self, officer: str) -> str:
        return self.names.get(officer, officer.upper())

    @property
    def behind(self) -> list[str]:
        """The officers who do not dissent."""
        against = {one.officer for one in self.dissent}
        return [officer for officer in self.answers if officer not in against]

    def stored(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


def read(stored: Mapping[str, Any] | None) -> Minutes | None:
    """The minutes of a row; None for an answer that is no synthesis, or one that was not written."""
    return Minutes.model_validate(stored) if stored else None


NUMBERS = {2: "both", 3: "three", 4: "four"}


def everybody(minutes: Minutes) -> str:
    """ "both", "all three", "all four": who agrees where all do."""
    count = len(minutes.answers)
    return "both" if count == 2 else f"all {NUMBERS.get(count, count)}"


def agreed_words(minutes: Minutes) -> str:
    """Above the points of agreement: who agrees on all of them."""
    whole = all(len(point.officers) == len(minutes.answers) for point in minutes.agreement)
    return f"Where {everybody(minutes)} agree" if whole else "Where they agree"


def behind_words(minutes: Minutes) -> str:
    """ "two of four stand behind it": beside the confidence."""
    words = {0: "none", 1: "one", 2: "two", 3: "three", 4: "four"}
    behind, count = len(minutes.behind), len(minutes.answers)
    if behind == count:
        return f"{everybody(minutes)} stand behind it"
    return f"{words[behind]} of {words[count]} stand{'s' if behind == 1 else ''} behind it fully"


def markdown(minutes: Minutes) -> str:
    """The minutes as text: what is stored as the answer, shown in a conversation, copied and exported."""
    parts = ["### Decision", minutes.decision or f"No decision yet. {minutes.missing}".strip()]
    if minutes.agreement:
        lines = [f"- {one.point} ({_names(minutes, one.officers)})" for one in minutes.agreement]
        parts += ["### Agreement", "\n".join(lines)]
    if minutes.positions:
        lines = [f"- **{minutes.name(one.officer)}**: “{one.quote}”" for one in minutes.positions]
        parts += ["### In their own words", "\n".join(lines)]
    if not minutes.by_rules:
        lines = [f"- **{minutes.name(one.officer)}**: {one.view} “{one.quote}”" for one in minutes.dissent]
        parts += ["### Dissent", "\n".join(lines) or "None."]
    if minutes.confidence is not None:
        parts += ["### Confidence", " ".join(filter(None, [f"{minutes.confidence}%.", minutes.depends_on]))]
    if minutes.change_of_mind:
        lines = [f"- **{minutes.name(one.officer)}**: {one.what}" for one in minutes.change_of_mind]
        parts += ["### What would change each mind", "\n".join(lines)]
    if not minutes.by_rules:
        due = f"by {minutes.due:%d.%m.%Y}" if minutes.due else "date to be named"
        parts += ["### Owner and date", f"{minutes.owner or 'Owner to be named'}, {due}."]
    parts += [f"*{warning}*" for warning in minutes.warnings]
    return "\n\n".join(parts) + "\n"


def _names(minutes: Minutes, officers: list[str]) -> str:
    return ", ".join(minutes.name(officer) for officer in officers)
