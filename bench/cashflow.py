"""The cash forecast on real records: `make bench ARGS="--only cashflow"`. Needs no server and no database."""

import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from bench import cash_deals, cash_payments, cash_records
from csuite.personas.cashflow import Assumptions, Book, Invoice, learn

MANY = 100_000
WHEN = {
    "tried": "cut-offs tried",
    "last": "the last cut-off, kept for the end",
    "each": "each cut-off",
    "fortnights": "a cut-off every fortnight, weeks overlap",
}


def cashflow(say: Callable[[str], None]) -> dict[str, Any]:
    """payment and closing dates on past records, several cut-offs, against simple ways; the time of a large fit"""
    data, found = cash_records.folder(), dict[str, Any]()
    receivables, deals = data / "receivables.csv", data / "crm" / "deals.csv"
    for path in (receivables, deals):
        if not path.is_file():
            say(f"cashflow: no {path.name} in the folder that CSUITE_DATA names: its dates are left out")
    if receivables.is_file():
        invoices = cash_records.invoices(receivables)
        found["payments"] = cash_payments.backtest(invoices) | cash_payments.by_cut_off(invoices)
    if deals.is_file():
        spells = cash_records.spells(deals)
        found["closing"] = cash_deals.backtest(spells) | cash_deals.by_cut_off(spells)
    found["fit"] = {"invoices": MANY, "cpu_s": fit_seconds()}
    return found


def fit_seconds() -> float:
    """CPU seconds to learn from 100,000 invoices of 2,000 customers over two years."""
    draw, today = Random(1), date(2026, 1, 1)
    made = []
    for number in range(MANY):
        issued = today - timedelta(days=draw.randrange(1, 730))
        paid = issued + timedelta(days=draw.randrange(5, 70))
        made.append(
            Invoice(
                id=str(number),
                customer=f"C{draw.randrange(2000)}",
                amount=Decimal(100),
                currency="USD",
                issued_on=issued,
                due_on=issued + timedelta(days=30),
                settled_on=paid if paid <= today else None,
                disputed=draw.random() < 0.2 and paid <= today,
            )
        )
    begun = time.process_time()
    learn(Book((), made), today, Assumptions())
    return round(time.process_time() - begun, 2)


def cash_lines(found: dict[str, Any]) -> list[str]:
    """The figures as lines of text."""
    lines = []
    for name in ("payments", "closing"):
        for when, groups in found.get(name, {}).items():
            lines.append(f"{name}, {WHEN[when]}")
            for group, figures in groups.items():
                lines += _group_lines(group, figures)
    fit = found["fit"]
    lines.append(f"learning from {fit['invoices']:,} invoices: {fit['cpu_s']} s of CPU, aim < 5")
    return lines


def _group_lines(group: str, figures: dict[str, Any]) -> list[str]:
    if any(isinstance(value, dict) for value in figures.values()):
        return [f"  {group:<18} {name:<16} {_said(values)}" for name, values in figures.items()]
    return [f"  {group:<18} {_said(figures)}"]


def _said(values: dict[str, Any]) -> str:
    return "  ".join(f"{name.replace('_', ' ')} {value}" for name, value in values.items())
