"""What the writer gives back, and the forms that a model fills in for it."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _share(value: object) -> object:
    """Models say 86 or "0.9" for what they mean."""
    if isinstance(value, str):
        value = value.strip().rstrip("%")
        try:
            value = float(value)
        except ValueError:
            return value
    if isinstance(value, int | float) and not isinstance(value, bool) and 1 < value <= 100:
        return value / 100
    return value


def _listed(value: object) -> object:
    """None and a single text where a list was asked for."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else value


Confidence = Annotated[float, BeforeValidator(_share), Field(ge=0.0, le=1.0)]
Lines = Annotated[list[str], BeforeValidator(_listed)]


class Form(BaseModel):
    """What a model answers; what it adds is left out."""

    model_config = ConfigDict(extra="ignore")

    confidence: Confidence


class EmailForm(Form):
    subject: str = Field(min_length=1)
    body: str = Field(min_length=1)
    suggestions: Lines = []


class ReminderForm(Form):
    short: str = Field(min_length=1)
    long: str = Field(min_length=1)
    tags: Lines = []


class SummaryForm(Form):
    summary: str = Field(min_length=1)
    next_action: str = ""
    blockers: Lines = []
    missing_information: Lines = []
    recommendations: Lines = []


class Missing(BaseModel):
    item: str
    closest: str = Field(default="", description="The sentence of the notes that comes closest, or empty.")


def _items(value: object) -> object:
    """Names alone, or under the words that a model finds for them."""
    if not isinstance(value, list):
        return _listed(value)
    return [{"item": one} if isinstance(one, str) else _item(one) for one in value]


def _item(one: object) -> object:
    if not isinstance(one, dict) or "item" in one:
        return one
    texts = [text for text in one.values() if isinstance(text, str)]
    return {"item": texts[0], "closest": texts[1] if len(texts) > 1 else ""} if texts else one


class ComplianceForm(Form):
    status: Literal["complete", "incomplete", "unclear"]
    missing_items: Annotated[list[Missing], BeforeValidator(_items)] = []
    contradictions: Lines = []


class OrderForm(Form):
    end_user: str | None = None
    end_user_country: str | None = None
    use: str | None = None
    delivery_expectation: str | None = None
    risks: Lines = []
    open_questions: Lines = []
    evidence: dict[str, str] = {}


class Action(BaseModel):
    task: str
    owner: str | None = None
    due: str | None = None


class NotesForm(Form):
    summary: str = Field(min_length=1)
    action_items: list[Action] = []
    open_points: Lines = []


class Result(BaseModel):
    """confidence: 0.0 to 1.0; 0.0 is a minimal result by rules. provider and model are "" then."""

    confidence: float = 0.0
    warnings: list[str] = []
    provider: str = ""
    model: str = ""
    prompt_version: str = ""
    cost: str | None = Field(default=None, description="A decimal number as text; null is unknown.")
    currency: str = ""


class Email(Result):
    """html: the body as paragraphs, made from the text: nothing of it is a model's markup."""

    subject: str
    body: str
    html: str = ""
    suggestions: list[str] = []


class Version(BaseModel):
    """subject is "" on WhatsApp."""

    subject: str = ""
    text: str


class Reminder(Result):
    short: Version
    long: Version
    tags: list[str] = []


class DealSummary(Result):
    """deal: the id or title that was given, so that a batch can be put together again."""

    deal: str = ""
    summary: str
    next_action: str = ""
    blockers: list[str] = []
    missing_information: list[str] = []
    recommendations: list[str] = []


class Compliance(Result):
    status: Literal["complete", "incomplete", "unclear"]
    missing_items: list[Missing] = []
    contradictions: list[str] = []


class OrderAnalysis(Result):
    end_user: str | None = None
    end_user_country: str | None = None
    use: str | None = None
    delivery_expectation: str | None = None
    risks: list[str] = []
    open_questions: list[str] = []
    evidence: dict[str, str] = {}


class NotesSummary(Result):
    summary: str
    action_items: list[Action] = []
    open_points: list[str] = []
