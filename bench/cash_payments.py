"""Backtest of payment dates: train on what was known at the end of a day, foretell, compare with what came.

Two settings for each cut-off: invoices issued in the 60 days after it, foretold from what was known at the cut-off; and
invoices open at it. Whether an invoice is disputed is not known in either. Yardsticks: 37 days after the issue, the due
date, and the median of what the customer's paid invoices took so far (of all customers', if it has none); for open
invoices none of them before tomorrow. Cash by week: payments of the open invoices over eight weeks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from statistics import mean, median
from typing import Any

from bench.cash_records import cut_offs
from csuite.personas.cashflow import Assumptions, Book, Invoice, Learned, learn, predict_cashflow, predict_deal_dates
from csuite.personas.cashflow.asof import as_of

EARLY, STEP = 5, 2  # months of records before the first cut-off, and between cut-offs
AFTER = timedelta(days=60)
WEEKS = 8
RULES = Assumptions()
Point = Callable[[Invoice], date]


@dataclass(slots=True)
class Errors:
    """Absolute errors in days per way of foretelling; whether the range held, and its width in days."""

    off: dict[str, list[int]] = field(default_factory=dict)
    held: list[bool] = field(default_factory=list)
    width: list[int] = field(default_factory=list)

    def add(self, name: str, foretold: date, came: date) -> None:
        self.off.setdefault(name, []).append(abs((foretold - came).days))

    def figures(self) -> dict[str, Any]:
        off = {name: round(mean(days), 2) for name, days in self.off.items()}
        best = min(off[name] for name in ("fixed 37", "due date", "customer median"))
        return {
            "n": len(self.held),
            **off,
            "better_by": round(1 - off["csuite"] / best, 3),
            "coverage": round(mean(self.held), 3),
            "width": round(mean(self.width), 1),
        }


def yardsticks(known: Sequence[Invoice]) -> dict[str, Point]:
    """The simple ways, from what was known."""
    taken: dict[str, list[int]] = {}
    for invoice in known:
        if invoice.settled_on:
            taken.setdefault(invoice.customer, []).append((invoice.settled_on - invoice.issued_on).days)
    usual = median(days for customer in taken.values() for days in customer)
    medians = {customer: median(days) for customer, days in taken.items()}
    return {
        "fixed 37": lambda i: i.issued_on + timedelta(days=37),
        "due date": lambda i: i.due_on or i.issued_on,
        "customer median": lambda i: i.issued_on + timedelta(days=round(medians.get(i.customer, usual))),
    }


def backtest(invoices: Sequence[Invoice]) -> dict[str, Any]:
    """The figures over all cut-offs but the last, and over the last one, 60 days of invoices before the end."""
    issued = [invoice.issued_on for invoice in invoices]
    tried, last = cut_offs(min(issued), max(issued) - AFTER, EARLY, STEP)
    return {"tried": over(invoices, tried), "last": over(invoices, [last])}


def by_cut_off(invoices: Sequence[Invoice]) -> dict[str, Any]:
    """Weekly cash of each cut-off, and of many more between them."""
    issued = [invoice.issued_on for invoice in invoices]
    tried, last = cut_offs(min(issued), max(issued) - AFTER, EARLY, STEP)
    return {
        "each": {f"{cut}": cash_over(invoices, [cut]) for cut in (*tried, last)},
        "fortnights": {"cash by week": cash_over(invoices, fortnights(tried[0], last))},
    }


def fortnights(first: date, last: date) -> list[date]:
    """Many cut-offs, whose weeks overlap: fewer cases than they look, more than a few months' ends."""
    return [first + timedelta(days=14 * n) for n in range((last - first).days // 14 + 1)]


def cash_over(invoices: Sequence[Invoice], cuts: Sequence[date]) -> dict[str, Any]:
    """Weekly cash alone; `full weeks` are those that bring the upper half of all weeks' money."""
    cash, came = Cash(), {invoice.id: invoice for invoice in invoices}
    for cut in cuts:
        known = as_of(Book((), invoices, ()), cut)
        waiting = [one for one in known.invoices if one.settled_on is None and came[one.id].settled_on]
        cash.add(waiting, cut, learn(known, cut, RULES), yardsticks(known.invoices), came)
    middle = median(cash.came)
    full = [held for held, money in zip(cash.held, cash.came, strict=True) if money >= middle]
    return {**cash.figures(), "full_weeks_coverage": round(mean(full), 3)}


def over(invoices: Sequence[Invoice], cuts: Sequence[date]) -> dict[str, Any]:
    issued, opened, cash = Errors(), Errors(), Cash()
    for cut in cuts:
        known = as_of(Book((), invoices, ()), cut)
        learned, simple = learn(known, cut, RULES), yardsticks(known.invoices)
        came = {invoice.id: invoice for invoice in invoices}
        later = [one for one in invoices if cut < one.issued_on <= cut + AFTER and one.settled_on]
        add_errors(issued, later, cut, learned, simple, came, least=0)
        waiting = [one for one in known.invoices if one.settled_on is None and came[one.id].settled_on]
        add_errors(opened, waiting, cut, learned, simple, came, least=1)
        cash.add(waiting, cut, learned, simple, came)
    return {"at issue": issued.figures(), "open": opened.figures(), "cash by week": cash.figures()}


def add_errors(
    errors: Errors,
    asked: Sequence[Invoice],
    cut: date,
    learned: Learned,
    simple: dict[str, Point],
    came: dict[str, Invoice],
    *,
    least: int,
) -> None:
    """Foretells invoices without their payment and dispute; `least` is how many days after the cut-off it can be."""
    book = Book((), [replace(one, settled_on=None, disputed=False) for one in asked], ())
    for one in predict_deal_dates(book, cut, "USD", learned=learned).predictions:
        true = came[one.id].settled_on
        assert true is not None
        errors.add("csuite", one.payment.on, true)
        for name, point in simple.items():
            errors.add(name, max(point(came[one.id]), cut + timedelta(days=least)), true)
        errors.held.append(one.payment.low <= true <= one.payment.high)
        errors.width.append((one.payment.high - one.payment.low).days)


@dataclass(slots=True)
class Cash:
    """Money by week: what was foretold against what came, per way of foretelling."""

    off: dict[str, list[float]] = field(default_factory=dict)
    came: list[float] = field(default_factory=list)
    held: list[bool] = field(default_factory=list)

    def add(
        self,
        waiting: Sequence[Invoice],
        cut: date,
        learned: Learned,
        simple: dict[str, Point],
        came: dict[str, Invoice],
    ) -> None:
        book = Book((), waiting, ())
        found = predict_cashflow("", 7 * WEEKS, "week", book=book, today=cut, currency="USD", learned=learned)
        for bucket in found.buckets:
            true = total(waiting, bucket.start, bucket.end, lambda one: came[one.id].settled_on or date.max)
            self.came.append(true)
            self.held.append(float(bucket.low) <= true <= float(bucket.high))
            self.off.setdefault("csuite", []).append(abs(float(bucket.paid) - true))
            for name, point in simple.items():
                late = {one.id: max(point(one), cut + timedelta(days=1)) for one in waiting}
                said = total(waiting, bucket.start, bucket.end, lambda one, late=late: late[one.id])  # type: ignore[misc]
                self.off.setdefault(name, []).append(abs(said - true))

    def figures(self) -> dict[str, Any]:
        """Errors as shares of the money that came."""
        off = {name: round(sum(values) / sum(self.came), 3) for name, values in self.off.items()}
        return {"weeks": len(self.came), **off, "coverage": round(mean(self.held), 3)}


def total(invoices: Sequence[Invoice], start: date, end: date, when: Point) -> float:
    return float(sum(one.amount for one in invoices if start <= when(one) <= end))
