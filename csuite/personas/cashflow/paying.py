"""When an invoice will be paid: by what its customer did before, else by its due date or the usual terms."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from csuite.personas.cashflow.chances import Draw, around, coming, mixed, moved_from, still_unpaid
from csuite.personas.cashflow.invoicing import IN_TIME, LONG_STAY, OVERDUE, Ground
from csuite.personas.cashflow.outlook import Outlook, away, from_history
from csuite.personas.cashflow.payments import Payments
from csuite.personas.cashflow.results import Step, days, shown

# past forecasts are judged a day ahead, real ones look weeks ahead: with a tenth on each side 76 of 100 would hold
PAYMENT_TAIL = 0.08


def known_payments(ground: Ground) -> Payments | None:
    """What history says on paying, if it says enough."""
    payments = ground.learned.payments if ground.learned else None
    return payments if payments and payments.count >= ground.assumptions.least_history else None


def invoice_paid(issued: date, due: date | None, customer: str, ground: Ground, *, disputed: bool = False) -> Outlook:
    """The outlook on the payment of an invoice that was issued and is open."""
    payments = known_payments(ground)
    terms = (due - issued).days if due and due >= issued else None
    if payments is None:
        return _by_terms(issued, terms, ground)
    used = payments.terms if terms is None else terms
    age = max(-1, (ground.today - issued).days)
    ahead = max(0, (issued - ground.today).days - 1)  # days until the eve of an invoice dated later than today
    chances = payments.paid_by(customer, used, disputed=disputed)
    unpaid = still_unpaid(chances, used, age, ground.count)
    draws = moved_from(payments.closed_weekdays, [None if day is None else day + ahead for day in unpaid], ground.today)
    steps = [
        Step("Due", f"{shown(issued + timedelta(days=used))}{'' if terms is not None else ', by the usual terms'}"),
        *habit_steps(customer, payments, disputed=disputed),
    ]
    if age > 0:
        steps.append(Step("Open for", f"{days(age)}, so sooner payments are ruled out"))
    found = from_history(draws, ground.today, *steps, tail=PAYMENT_TAIL)
    return replace(found, steps=(*found.steps, Step("Payment", away(ground.today, found.middle))))


def habit_steps(customer: str, payments: Payments, *, disputed: bool = False) -> list[Step]:
    """How the customer pays, in figures."""
    habit = payments.habit(customer)
    known = customer in payments.customers and habit.count > 0
    name = customer if known else "Customers without a history here"
    late = round(habit.late)
    when = "on the due date" if not late else f"{days(abs(late))} {'after' if late > 0 else 'before'} the due date"
    count = habit.count if known else payments.count
    rests = f"{count} paid {'invoice' if count == 1 else 'invoices'}"
    rests += ", weighed against all customers'" if known else " of all customers"
    steps = [Step(f"{name} usually pays" if known else f"{name} usually pay", f"{when} ({rests})")]
    if payments.delay >= 1:
        chance = "known" if disputed else f"{habit.dispute:.0%} likely"
        steps.append(Step(f"A dispute ({chance}) adds", days(payments.delay)))
    return steps


def _by_terms(issued: date, terms: int | None, ground: Ground) -> Outlook:
    today, rules = ground.today, ground.assumptions
    used = rules.payment_days if terms is None else terms
    age = (today - issued).days
    planned, confidence = used - age, IN_TIME
    steps = [
        Step("Payment after invoice" if terms is None else "Due after invoice", days(used)),
    ]
    if planned < 1:
        planned, confidence = 1, OVERDUE
        steps.append(Step("That day has passed", "tomorrow at the earliest"))
    if age > rules.long_stay_days:
        planned, confidence = planned + rules.long_stay_delay, LONG_STAY
        steps.append(Step(f"Open for {days(age)}, over {rules.long_stay_days}", f"+{days(rules.long_stay_delay)}"))
    steps.append(Step("Payment", away(today, planned)))
    return Outlook(around(planned, rules.spread, ground.count), planned, "rule", confidence, tuple(steps))


def paid_after(invoice: Outlook, customer: str, key: str, ground: Ground) -> tuple[list[tuple[Draw, Draw]], Outlook]:
    """Pairs of (invoice, payment) draws of a deal that is not invoiced yet, and the outlook on its payment."""
    payments = known_payments(ground)
    terms = ground.assumptions.payment_days if payments is None else payments.terms
    if payments is None:
        delays: Sequence[Draw] = around(terms, ground.assumptions.spread, ground.count)
    else:  # issued on day 0: a payment on that day is possible, so a day less
        chances = payments.paid_by(customer, terms)
        delays = [None if day is None else day - 1 for day in still_unpaid(chances, terms, -1, ground.count)]
    pairs: list[tuple[Draw, Draw]] = []
    for first, delay in zip(invoice.draws, mixed(delays, f"{ground.seed}:pay:{key}"), strict=True):
        pairs.append((first, None if first is None or delay is None else first + delay))
    closed = payments.closed_weekdays if payments else frozenset[int]()
    moved = moved_from(closed, [payment for _, payment in pairs], ground.today)
    pairs = [(first, payment) for (first, _), payment in zip(pairs, moved, strict=True)]
    return pairs, _payment_outlook(invoice, moved, customer, payments, ground)


def _payment_outlook(
    invoice: Outlook, moved: Sequence[Draw], customer: str, payments: Payments | None, ground: Ground
) -> Outlook:
    ordered: list[Draw] = list(coming(moved))
    draws = ordered + [None] * (len(moved) - len(ordered))
    if payments is not None and ordered:
        found = from_history(draws, ground.today, *habit_steps(customer, payments), tail=PAYMENT_TAIL)
        middle = max(found.middle, invoice.middle)
        steps = (*found.steps, Step("Payment", away(ground.today, middle)))
        return Outlook(draws, middle, "history", found.confidence, steps, PAYMENT_TAIL)
    middle = max(invoice.middle + ground.assumptions.payment_days, 1)
    steps = (
        Step("Payment after invoice", days(ground.assumptions.payment_days)),
        Step("Payment", away(ground.today, middle)),
    )
    return Outlook(draws, middle, "rule", min(IN_TIME, invoice.confidence), steps)
