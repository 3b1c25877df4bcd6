"""What the writer is given. Amounts and dates are texts as they shall be read: the writer never calculates."""

import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MOST_DEALS = 20  # in one e-mail
MOST_NOTES = 200


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds a NUL")
    return text


Line = Annotated[str, Field(max_length=200), AfterValidator(_storable)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_storable)]
Text = Annotated[str, Field(max_length=4000), AfterValidator(_storable)]
Source = Annotated[str, Field(max_length=30_000), AfterValidator(_storable)]
Said = Annotated[str, Field(min_length=1, max_length=4000), AfterValidator(_storable)]
Language = Literal["en", "de", "es"]
Tone = Literal["friendly", "neutral", "formal", "firm"]


class Context(BaseModel):
    """Unknown fields are refused: a mistyped one would be left out of a letter in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Note(Context):
    text: Said
    date: datetime.date | None = None
    author: Line = ""


class InvoiceContext(Context):
    number: Name
    amount: Line = Field(default="", description='With its currency, as it shall be read: "$214,300".')
    issued: datetime.date | None = None
    due: datetime.date | None = None
    days_overdue: int | None = Field(default=None, ge=0, le=10_000)
    remark: Text = ""


class DealContext(Context):
    """One deal, as far as it is known."""

    title: Name
    id: Line = ""
    customer: Line = ""
    pipeline: Line = ""
    stage: Line = ""
    owner: Line = ""
    value: Line = Field(default="", description="With its currency, as it shall be read.")
    days_in_stage: int | None = Field(default=None, ge=0, le=10_000)
    issue: Text = Field(default="", description="What this is about: a missing paper, a late payment.")
    notes: list[Note] = Field(default=[], max_length=MOST_NOTES)
    invoices: list[InvoiceContext] = Field(default=[], max_length=50)


class EmailContext(Context):
    """recipients: names or addresses, as the greeting shall know them."""

    recipients: list[Name] = Field(min_length=1, max_length=20)
    intent: Said = Field(description="What the subject and the letter shall ask for.")
    deals: list[DealContext] = Field(default=[], max_length=MOST_DEALS)
    tone: Tone = "friendly"
    language: Language = "en"
    source: Source = Field(default="", description="What the letter is made from, for instance an answer of a persona.")


class ReminderContext(Context):
    recipient: Name
    deal: DealContext
    channel: Literal["email", "whatsapp"] = "email"
    step: int = Field(default=1, ge=1, le=9, description="How many reminders this makes for the matter.")
    tone: Tone = "friendly"
    language: Language = "en"


class ComplianceContext(Context):
    deal: DealContext
    requirements: list[Name] = Field(min_length=1, max_length=50)


class NotesContext(Context):
    title: Line = ""
    notes: list[Note] = Field(min_length=1, max_length=MOST_NOTES)
