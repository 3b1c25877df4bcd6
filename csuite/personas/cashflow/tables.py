"""A forecast as a table: for a page, a CSV file or a persona's prompt."""

from dataclasses import dataclass
from decimal import Decimal

from csuite.personas.cashflow.results import Forecast, Timing, shown

PERIODS = ("From", "To", "Deals", "Invoices", "Payments", "Low", "High")
DEALS = ("Deal", "Customer", "Stage", "Value", "Chance", "Invoice", "Payment", "Between", "Confidence", "Decided by")


@dataclass(frozen=True, slots=True)
class Table:
    """Cells are text; money with two decimals and no separators, days as 2026-11-23 in `periods`."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    totals: tuple[str, ...]


def generate_forecast_table(forecast: Forecast) -> Table:
    """One row for each week or month, and the totals. The ranges of single periods do not add up to one of their sum,
    so the totals have none."""
    rows = tuple(
        (b.start.isoformat(), b.end.isoformat(), str(b.deals), *(str(a) for a in (b.invoiced, b.paid, b.low, b.high)))
        for b in forecast.buckets
    )
    invoiced = sum((bucket.invoiced for bucket in forecast.buckets), Decimal("0.00"))
    paid = sum((bucket.paid for bucket in forecast.buckets), Decimal("0.00"))
    count = sum(bucket.deals for bucket in forecast.buckets)
    return Table(PERIODS, rows, ("Total", "", str(count), str(invoiced), str(paid), "", ""))


def generate_deal_table(forecast: Forecast) -> Table:
    """One row for each deal and open invoice, soonest payment first."""
    ordered = sorted(forecast.predictions, key=lambda one: (one.payment.on, one.kind, one.id))
    rows = tuple(
        (
            one.title,
            one.customer,
            one.stage,
            str(one.value),
            f"{one.chance:.0%}",
            shown(one.invoice.on),
            shown(one.payment.on),
            between(one.payment),
            f"{one.confidence:.2f}",
            one.decided_by,
        )
        for one in ordered
    )
    total = sum((one.value for one in ordered), Decimal("0.00"))
    return Table(DEALS, rows, ("Total", "", "", str(total), "", "", "", "", "", ""))


def between(timing: Timing) -> str:
    """The range of a date in words."""
    return f"{shown(timing.low)} to {shown(timing.high)}"
