"""Real invoices and deals for the backtest of the cash forecast, from the folder that CSUITE_DATA names."""

import csv
import os
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from csuite.personas.cashflow import Invoice, Spell
from csuite.personas.cashflow.facts import Outcome

OUTCOMES: dict[str, Outcome] = {"Won": "reached", "Lost": "lost"}


def folder() -> Path:
    """CSUITE_DATA, else ../shared/data beside this repository."""
    named = os.environ.get("CSUITE_DATA")
    return Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def invoices(path: Path) -> list[Invoice]:
    """From columns invoice, customer, invoiced_on, due_on, amount, disputed (Yes or No), settled_on."""
    return [
        Invoice(
            id=row["invoice"],
            customer=row["customer"],
            amount=Decimal(row["amount"]),
            currency="USD",
            issued_on=date.fromisoformat(row["invoiced_on"]),
            due_on=day(row["due_on"]),
            settled_on=day(row["settled_on"]),
            disputed=row["disputed"] == "Yes",
        )
        for row in rows(path)
    ]


def spells(path: Path) -> list[Spell]:
    """From columns deal_id, account, engaged_on, closed_on, stage (Won, Lost, or still open); without an engaged day
    there is no stay."""
    return [
        Spell(
            deal=row["deal_id"],
            stage="Engaging",
            customer=row["account"],
            entered_on=date.fromisoformat(row["engaged_on"]),
            ended_on=day(row["closed_on"]),
            outcome=OUTCOMES.get(row["stage"]),
        )
        for row in rows(path)
        if row["engaged_on"]
    ]


def cut_offs(first: date, last: date, after: int, step: int) -> tuple[list[date], date]:
    """Ends of months to foretell from, chosen by the records alone so that later records bring later ones: those that
    were tried, every `step` months from `after` months after the first record, and the last one, by `last`."""
    found = []
    month = first.year * 12 + first.month - 1 + after
    while (day := end_of(month)) <= last:
        found.append(day)
        month += step
    if len(found) < 2:
        raise ValueError(f"records from {first} to {last} are too few months for a backtest")
    return found[:-1], found[-1]


def end_of(month: int) -> date:
    """The last day of a month counted through the years."""
    return date((month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)
