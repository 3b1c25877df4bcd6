"""What the forecast is told: deals, invoices, time spent in stages, and what people set by hand.

All dates are plain days in the tenant's own time zone; a moment with a time is refused, because which day it is depends
on a zone that this package does not know.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Literal

Outcome = Literal["reached", "lost"]
OUTCOMES = ("reached", "lost")


class BadFact(ValueError):
    """A value that no forecast can be built on. The text names the field and says what was expected."""

    code = "bad_fact"
    retryable = False


def _day(name: str, value: object, *, needed: bool) -> None:
    if value is None and not needed:
        return
    if isinstance(value, datetime):
        raise BadFact(f"{name} is a moment; give the day in the tenant's time zone")
    if not isinstance(value, date):
        raise BadFact(f"{name} must be a date, not {type(value).__name__}")


def _text(name: str, value: object, *, needed: bool) -> None:
    if not isinstance(value, str):
        raise BadFact(f"{name} must be text, not {type(value).__name__}")
    if needed and not value.strip():
        raise BadFact(f"{name} is empty")


def _money(name: str, value: object) -> None:
    if not isinstance(value, Decimal):
        raise BadFact(f"{name} must be a Decimal, not {type(value).__name__}")
    if not value.is_finite():
        raise BadFact(f"{name} is not a finite amount")


def _share(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadFact(f"{name} must be a number from 0 to 1, not {type(value).__name__}")
    if not (isfinite(value) and 0 <= value <= 1):
        raise BadFact(f"{name} must lie between 0 and 1, not {value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A deal that is not finished. `value` is what will be invoiced; `entered_on` the day it came into its stage;
    `closes_on` and `chance` (0 to 1) what the sales team expects of an order, if it said so."""

    id: str
    stage: str
    value: Decimal
    currency: str
    customer: str = ""
    title: str = ""
    pipeline: str = ""
    entered_on: date | None = None
    closes_on: date | None = None
    chance: float | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, needed in (("id", True), ("stage", True), ("currency", True), ("customer", False), ("title", False)):
            _text(f"Deal.{name}", getattr(self, name), needed=needed)
        _text("Deal.pipeline", self.pipeline, needed=False)
        _money("Deal.value", self.value)
        _day("Deal.entered_on", self.entered_on, needed=False)
        _day("Deal.closes_on", self.closes_on, needed=False)
        if self.chance is not None:
            _share("Deal.chance", self.chance)
        if not isinstance(self.notes, tuple) or not all(isinstance(note, str) for note in self.notes):
            raise BadFact("Deal.notes must be a tuple of texts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice, settled or open. A credit note has a negative amount. `disputed_on` is the day a dispute became
    known, if that was recorded; `deal` the deal it belongs to."""

    id: str
    customer: str
    amount: Decimal
    currency: str
    issued_on: date
    due_on: date | None = None
    settled_on: date | None = None
    disputed: bool = False
    disputed_on: date | None = None
    deal: str = ""
    pipeline: str = ""

    def __post_init__(self) -> None:
        for name, needed in (("id", True), ("currency", True), ("customer", False), ("deal", False)):
            _text(f"Invoice.{name}", getattr(self, name), needed=needed)
        _text("Invoice.pipeline", self.pipeline, needed=False)
        _money("Invoice.amount", self.amount)
        _day("Invoice.issued_on", self.issued_on, needed=True)
        for name in ("due_on", "settled_on", "disputed_on"):
            _day(f"Invoice.{name}", getattr(self, name), needed=False)
        if not isinstance(self.disputed, bool):
            raise BadFact(f"Invoice.disputed must be true or false, not {type(self.disputed).__name__}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """Time a deal spent in a stage, from entering it to what the stage waits for: `reached` is the order for a stage of
    selling and the invoice for a stage of delivering. `ended_on` and `outcome` are None while it lasts."""

    deal: str
    stage: str
    entered_on: date
    ended_on: date | None = None
    outcome: Outcome | None = None
    customer: str = ""

    def __post_init__(self) -> None:
        _text("Spell.deal", self.deal, needed=True)
        _text("Spell.stage", self.stage, needed=True)
        _text("Spell.customer", self.customer, needed=False)
        _day("Spell.entered_on", self.entered_on, needed=True)
        _day("Spell.ended_on", self.ended_on, needed=False)
        if (self.ended_on is None) != (self.outcome is None):
            raise BadFact("Spell.ended_on and Spell.outcome come together")
        if self.outcome is not None and self.outcome not in OUTCOMES:
            raise BadFact(f"Spell.outcome must be one of {', '.join(OUTCOMES)}, not {self.outcome!r}")
        if self.ended_on is not None and self.ended_on < self.entered_on:
            raise BadFact(f"Spell of {self.deal} ends before it begins")


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What a person set by hand; it wins over everything computed. `amount` stands for the value, `chance` (0 to 1) for
    how likely the money comes at all. `by` is the name to show."""

    invoice_on: date | None = None
    payment_on: date | None = None
    amount: Decimal | None = None
    chance: float | None = None
    by: str = ""
    set_on: date | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        for name in ("invoice_on", "payment_on", "set_on"):
            _day(f"Override.{name}", getattr(self, name), needed=False)
        for name in ("by", "reason"):
            _text(f"Override.{name}", getattr(self, name), needed=False)
        if self.amount is not None:
            _money("Override.amount", self.amount)
        if self.chance is not None:
            _share("Override.chance", self.chance)
        if self.invoice_on and self.payment_on and self.payment_on < self.invoice_on:
            raise BadFact("Override.payment_on lies before Override.invoice_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What a model read in a deal's notes. A date that is None keeps the computed one; `confidence` is 0 to 1; `source`
    says who read it, and when."""

    invoice_on: date | None = None
    payment_on: date | None = None
    confidence: float = 0.0
    reasoning: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        _day("Hint.invoice_on", self.invoice_on, needed=False)
        _day("Hint.payment_on", self.payment_on, needed=False)
        _share("Hint.confidence", self.confidence)
        _text("Hint.reasoning", self.reasoning, needed=False)
        _text("Hint.source", self.source, needed=False)


@dataclass(frozen=True, slots=True)
class Book:
    """Everything one tenant knows: open deals, all invoices, all spells (those that still last included)."""

    deals: Sequence[Deal] = ()
    invoices: Sequence[Invoice] = ()
    spells: Sequence[Spell] = ()

    def __post_init__(self) -> None:
        for field, kind in zip(fields(self), (Deal, Invoice, Spell), strict=True):
            for item in getattr(self, field.name):
                if not isinstance(item, kind):
                    raise BadFact(f"Book.{field.name} holds {type(item).__name__}, not {kind.__name__}")
