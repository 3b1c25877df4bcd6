"""What a tenant's own history teaches, fitted once and used for many forecasts."""

from dataclasses import dataclass
from datetime import date

from csuite.personas.cashflow.asof import as_of
from csuite.personas.cashflow.assumptions import Assumptions
from csuite.personas.cashflow.facts import Book
from csuite.personas.cashflow.payments import Payments, fit_payments
from csuite.personas.cashflow.stays import Stay, fit_stays


@dataclass(frozen=True, slots=True)
class Learned:
    """Times to pay, and stays by stage (under the names of `Assumptions.stage`), as known at the end of `today`."""

    today: date
    payments: Payments
    stays: dict[str, Stay]


def learn(book: Book, today: date, assumptions: Assumptions) -> Learned:
    """Fits both; later facts in the book are not looked at. 100,000 invoices take under five seconds."""
    known = as_of(book, today)
    return Learned(
        today,
        fit_payments(known.invoices, today, assumptions.payment_days),
        fit_stays(known.spells, today, assumptions.stage),
    )
