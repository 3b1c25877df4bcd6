"""What an analysis gives, and the forms that a model fills in for it."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from csuite.personas.writer.results import Form, Lines

Kind = Literal["value", "payment", "delivery", "decision", "promise", "blocker", "requirement", "competitor", "other"]
Standing = Literal["on_course", "at_risk", "stuck", "unclear"]
Verdict = Literal["confirmed", "contradicted", "unchecked", "unsupported"]
State = Literal["ok", "warn", "bad"]
MOST_FACTS = 20


def _kind(value: object) -> object:
    return value if value in get_args(Kind) else "other"


def _standing(value: object) -> object:
    said = str(value).strip().lower().replace(" ", "_").replace("-", "_")
    return said if said in get_args(Standing) else "unclear"


def _day(value: object) -> object:
    """What is no day is none: the fact may hold without it."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _amount(value: object) -> object:
    try:
        found = Decimal(str(value).replace(",", ""))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < Decimal(10) ** 18 else None


def _number(value: object) -> object:
    text = str(value).strip()
    return int(text) if text.isdecimal() and len(text) < 7 else None


class Fact(BaseModel):
    """One fact as it was said. `source`: the number of the source; 0: not said."""

    model_config = ConfigDict(extra="ignore")

    kind: Annotated[Kind, BeforeValidator(_kind)] = "other"
    statement: str = Field(min_length=1, max_length=600)
    quote: str = Field(default="", max_length=1000)
    source: Annotated[int | None, BeforeValidator(_number)] = None
    amount: Annotated[Decimal | None, BeforeValidator(_amount)] = None
    currency: str | None = None
    day: Annotated[date | None, BeforeValidator(_day)] = None


class FactsForm(Form):
    facts: list[Fact] = []


class ViewForm(Form):
    standing: Annotated[Standing, BeforeValidator(_standing)] = "unclear"
    view: str = Field(min_length=1, max_length=2000)
    risks: Lines = []
    next_steps: Lines = []
    open_questions: Lines = []


class CheckedFact(Fact):
    verdict: Verdict
    reason: str


class Check(BaseModel):
    """What rules see in the rows alone."""

    state: State
    text: str


class View(BaseModel):
    standing: Standing
    view: str
    risks: list[str] = []
    next_steps: list[str] = []
    open_questions: list[str] = []


class Analysis(BaseModel):
    """`by`: who extracted the facts and who told the view: model or rules. `cost` is what the meter booked for all
    attempts, also failed ones; None where a price is not known; `target`: what one shall cost at most."""

    deal: str
    facts: list[CheckedFact]
    checks: list[Check]
    view: View
    facts_by: Literal["model", "rules"]
    view_by: Literal["model", "rules"]
    confidence: float = 0.0
    warnings: list[str] = []
    prompt_versions: list[str] = []
    models: list[str] = []
    calls: int = 0
    tokens: int = 0
    cost: str | None = "0"
    currency: str = "USD"
    target: str
