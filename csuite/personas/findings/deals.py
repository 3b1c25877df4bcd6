"""What stands out among deals and invoices of a tenant. Reads rows, so it needs an open tenant scope."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Sum

from csuite.deals.models import Deal, Invoice, Stage
from csuite.personas.cashflow import Book
from csuite.personas.findings.moving import of_payments
from csuite.personas.findings.officers import wanted
from csuite.personas.forecasts import standing
from csuite.personas.insights import Finding, find_concentration, find_slipping, limits
from csuite.personas.models import InsightsDue, Persona
from csuite.profiles import formatting
from csuite.tenants.models import Tenant
from csuite.tenants.scope import current_tenant_id

YEAR = timedelta(days=365)
AHEAD = 365  # days in which payments are foretold
MOST_FORETOLD = 5_000  # open deals and invoices; foretelling more takes too long for a look


def of_deals(due: InsightsDue, today: date, officers: Sequence[Persona]) -> list[Finding]:
    """Only what is in the company's currency: sums over several would mean nothing."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    currency, known = tenant.currency, standing(tenant)

    def show(amount: Decimal) -> str:
        return formatting.money(amount, currency)

    book = known.cashbook.book
    found = [*_slipping(book, today, currency, wanted("cmo", officers), show), *_held(today, currency, officers, show)]
    if len(known.cashbook.keys) <= MOST_FORETOLD:
        predictions = known.forecast(("", AHEAD, "month", 0.0)).predictions
        found += of_payments(due, predictions, today, officers, show)
    return found


def _slipping(book: Book, today: date, currency: str, persona: str, show: Callable[[Decimal], str]) -> list[Finding]:
    deals = [deal for deal in book.deals if deal.currency == currency]
    return find_slipping(deals, limits(book.spells), today, persona=persona, show=show)


def _held(today: date, currency: str, officers: Sequence[Persona], show: Callable[[Decimal], str]) -> Sequence[Finding]:
    deals = Deal.objects.filter(stage__kind=Stage.Kind.OPEN, currency=currency, value__isnull=False)
    invoices = Invoice.objects.filter(currency=currency)
    unpaid = invoices.filter(settled_on__isnull=True)
    year = invoices.filter(issued_on__gt=today - YEAR, issued_on__lte=today)
    found = []
    for rows, field, what, persona in (
        (deals, "value", "open deals", "cmo"),
        (unpaid, "amount", "unpaid invoices", "cfo"),
        (year, "amount", "what was invoiced within a year", "ceo"),
    ):
        sums = rows.filter(customer__isnull=False).values("customer__name").annotate(held=Sum(field))
        amounts = {row["customer__name"]: row["held"] for row in sums.order_by()}
        one = find_concentration(amounts, what, today, persona=wanted(persona, officers), show=show)
        if one is not None:
            found.append(one)
    return found
