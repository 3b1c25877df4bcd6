"""A small company's money for the tests: facts with little to write, and a history drawn from a fixed seed."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from csuite.personas.cashflow import Book, Deal, Invoice, Spell

TODAY = date(2026, 11, 20)
TERMS = 30
CUSTOMERS = {"Prompt": -8, "Usual": 0, "Slow": 20}  # days after the due date
DISPUTES, DISPUTE_DELAY = {"Prompt": 0.0, "Usual": 0.1, "Slow": 0.4}, 15


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def deal(number: int = 1, stage: str = "Order received", **changed: Any) -> Deal:
    usual = Deal(id=f"D{number}", stage=stage, value=Decimal("1000.00"), currency="USD", entered_on=ago(3))
    return replace(usual, **changed)


def invoice(number: int = 1, **changed: Any) -> Invoice:
    usual = Invoice(
        id=f"I{number}", customer="Usual", amount=Decimal("500.00"), currency="USD", issued_on=ago(10), due_on=ago(-20)
    )
    return replace(usual, **changed)


def invoices(count: int = 400, seed: int = 1) -> list[Invoice]:
    """Paid and open invoices of two years, as known today."""
    draw = Random(seed)
    found = []
    for number in range(count):
        customer = draw.choice(sorted(CUSTOMERS))
        issued = ago(draw.randrange(1, 730))
        disputed = draw.random() < DISPUTES[customer]
        late = CUSTOMERS[customer] + DISPUTE_DELAY * disputed + round(draw.gauss(0, 4))
        settled = issued + timedelta(days=max(0, TERMS + late))
        found.append(
            Invoice(
                id=f"H{number:05}",
                customer=customer,
                amount=Decimal(draw.randrange(100, 9000)),
                currency="USD",
                issued_on=issued,
                due_on=issued + timedelta(days=TERMS),
                settled_on=settled if settled <= TODAY else None,
                disputed=disputed and settled <= TODAY,
            )
        )
    return found


def spells(count: int = 400, stage: str = "Quoted", seed: int = 1) -> list[Spell]:
    """Stays that end after about 10 or about 60 days, two in three well; one in six never ends."""
    draw = Random(seed)
    found = []
    for number in range(count):
        entered = ago(draw.randrange(1, 500))
        ended = entered + timedelta(days=max(1, round(draw.gauss(*draw.choice([(10, 2), (60, 8)])))))
        lasts = draw.random() < 1 / 6 or ended > TODAY
        outcome: Any = None if lasts else ("reached" if draw.random() < 2 / 3 else "lost")
        found.append(
            Spell(
                deal=f"S{number}",
                stage=stage,
                customer=draw.choice(sorted(CUSTOMERS)),
                entered_on=entered,
                ended_on=None if lasts else ended,
                outcome=outcome,
            )
        )
    return found


def history(seed: int = 1) -> Book:
    return Book((), invoices(seed=seed), spells(seed=seed))
