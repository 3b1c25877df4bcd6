"""What happened to Northwind: why figures moved, and what is worth knowing. Month names come from the calendar."""

from decimal import Decimal
from typing import Any

from csuite.server.demo.calendar import Calendar

# customer, invoice, amount, due (day, months back), how it usually pays, last contact
LATE_INVOICES = (
    ("Halden Process", "NW-20418", 214_300, (13, 0), "Pays 9 days late; disputes the freight line"),
    ("Aurel Pharma", "NW-20431", 148_900, (22, 0), "Pays on time; reminder sent"),
    ("Meridian Water", "NW-20440", 96_750, (28, 0), "Pays 14 days late; not contacted yet"),
    ("Castell Foods", "NW-20452", 71_200, (3, -1), "Pays 20 days late; not contacted yet"),
    ("Brandt Turbines", "NW-20455", 52_400, (6, -1), "Pays on time; payment promised"),
    ("Osprey Labs", "NW-20461", 28_450, (11, -1), "Pays 6 days late; not contacted yet"),
)


def causes(calendar: Calendar) -> list[dict[str, Any]]:
    return [
        *_of("gross_margin_pct", "Gross profit", margin_causes(calendar)),
        *_of("on_time_delivery_pct", "", delivery_causes()),
        *_of("dso", "Open", late_invoices(calendar)),
        *_of("overdue_receivables", "Open", late_invoices(calendar)),
        *_of("air_freight_cost", "", freight_causes(calendar)),
    ]


def _of(metric: str, amount_name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"metric": metric, "amount_name": amount_name, **row} for row in rows]


def margin_causes(calendar: Calendar) -> list[dict[str, Any]]:
    return [
        {
            "cause": "Air freight and expediting",
            "points": Decimal("-1.1"),
            "amount": Decimal(-27_000),
            "lasting": "passes",
            "lasts": "Until the Rotterdam lane reopens",
            "remedy": f"Put Rotterdam back on sea freight from {calendar.said(28)}",
            "remedy_share": Decimal("0.667"),
        },
        {
            "cause": "Sensor dies, Kestrel list price",
            "points": Decimal("-0.9"),
            "amount": Decimal(-22_000),
            "lasting": "lasts",
            "lasts": f"Yes, from {calendar.said(1, 0)}",
            "remedy": (
                f"Order {calendar.name(-3)}’s sensor dies before Kestrel’s old list closes on {calendar.said(4, -2)}"
            ),
            "remedy_share": Decimal("0.75"),
        },
        {
            "cause": "Fewer calibration services",
            "points": Decimal("-0.6"),
            "amount": Decimal(-14_000),
            "lasting": "passes",
            "lasts": "No, visits are held, not lost",
            "remedy": (
                f"Release the 14 calibration visits held since {calendar.name(1)}, worth $96k at the highest margin"
            ),
            "remedy_share": Decimal(1),
        },
        {
            "cause": "Exchange rates",
            "points": Decimal("-0.2"),
            "amount": Decimal(-5_000),
            "lasting": "open",
            "lasts": "Open",
        },
    ]


def delivery_causes() -> list[dict[str, Any]]:
    return [
        {
            "cause": "Orders waiting for firmware release 4.2",
            "points": Decimal("-1.4"),
            "lasting": "passes",
            "lasts": "Until the release gate moves",
            "remedy": "Move the firmware release gate to day 6",
            "remedy_share": Decimal(1),
        },
        {
            "cause": "Rotterdam lane closed",
            "points": Decimal("-0.8"),
            "lasting": "passes",
            "lasts": "Until the lane reopens",
        },
        {
            "cause": "Sensor dies delivered late",
            "points": Decimal("-0.3"),
            "lasting": "open",
            "lasts": "Open, there is no second source yet",
            "remedy": "Qualify a second source for sensor dies",
            "remedy_share": Decimal(1),
        },
    ]


def freight_causes(calendar: Calendar) -> list[dict[str, Any]]:
    """Two rows that explain the rise on the month before, by what the shipments waited for."""
    return [
        {
            "cause": "Shipments that waited for firmware release 4.2",
            "points": Decimal(15_000),
            "lasting": "passes",
            "lasts": "Until the release gate moves",
            "remedy": "Move the firmware release gate to day 6",
            "remedy_share": Decimal(1),
        },
        {
            "cause": "Rotterdam lane closed, sea freight moved to air",
            "points": Decimal(12_000),
            "lasting": "passes",
            "lasts": "Until the lane reopens",
            "remedy": f"Put Rotterdam back on sea freight from {calendar.said(28)}",
            "remedy_share": Decimal("0.667"),
        },
    ]


def late_invoices(calendar: Calendar) -> list[dict[str, Any]]:
    return [
        {
            "cause": f"{customer}, {invoice}",
            "amount": Decimal(amount),
            "lasting": "open",
            "lasts": f"Due {calendar.said(*due)}. {habit}",
        }
        for customer, invoice, amount, due, habit in LATE_INVOICES
    ]


def _row(kind: str, persona: str, day: tuple[Calendar, int], about: str, title: str, text: str) -> dict[str, Any]:
    calendar, number = day
    return {
        "kind": kind,
        "persona": persona,
        "found_on": calendar.day(number),
        "about": about,
        "title": title,
        "text": text,
    }


def insights(calendar: Calendar) -> list[dict[str, Any]]:
    return [*margin_and_cash(calendar), *customers(calendar), *delivery(calendar)]


def margin_and_cash(c: Calendar) -> list[dict[str, Any]]:
    month, before = c.name(), c.name(1)
    return [
        _row(
            "trend_break",
            "cfo",
            (c, 6),
            "gross_margin_pct",
            "Margin left its range for the first time in 18 months",
            f"It stayed between 40.1% and 41.5% from {c.name(17)} to {before}, then fell to 38.4%."
            " Freight and sensor prices explain 2.0 of 2.8 points.",
        ),
        _row(
            "late_payment",
            "cfo",
            (c, 20),
            "overdue_receivables",
            "Six invoices are late, together $612k",
            "Halden Process owes $214k and disputes the freight line, not the instruments. Aurel Pharma owes $149k,"
            " Meridian Water $97k, Castell Foods $71k, Brandt Turbines $52k and Osprey Labs $28k.",
        ),
        _row(
            "record",
            "cfo",
            (c, 6),
            "revenue",
            "Revenue reached a record",
            f"$2.41m in {month}, 13.8% more than in {c.name(12)}. Flow meters brought $1.11m of it.",
        ),
        _row(
            "goal_at_risk",
            "ceo",
            (c, 2),
            "on_time_delivery_pct",
            "The goal “on-time delivery 95%” is at risk",
            f"{month} closed at 89.6%. To average 95% for the fourth quarter, the next two months would need 97.7%.",
        ),
        _row(
            "observation",
            "ceo",
            (c, 4),
            "largest_customer_pct",
            "The largest customer is above its limit and growing",
            f"11.2% of revenue in {month} against a goal of at most 8%. It was 9.4% in {c.name(17)}. Twelve OEM"
            f" accounts bring 58% of revenue and renew between {c.name(-3)} and {c.name(-6)}.",
        ),
    ]


def customers(c: Calendar) -> list[dict[str, Any]]:
    month, before = c.name(), c.name(1)
    return [
        _row(
            "record",
            "cmo",
            (c, 3),
            "sessions",
            "Website sessions reached a record, and demo requests followed",
            f"52,400 sessions in {month}, 5.2% more than {before}. Demo requests rose to 318; a third came from the"
            " calibration guide.",
        ),
        _row(
            "record",
            "cmo",
            (c, 5),
            "order_intake",
            "Order intake reached a record",
            f"$2.60m in {month}, 18.8% more than in {c.name(12)} and above revenue for the month.",
        ),
        _row(
            "observation",
            "cmo",
            (c, 2),
            "oem_win_rate_pct",
            "Surprise costs renewals",
            f"Win rate on OEM renewals was 81% in {month}. Two of the three accounts lost since last year named price"
            " changes without notice.",
        ),
    ]


def delivery(c: Calendar) -> list[dict[str, Any]]:
    month = c.name()
    return [
        _row(
            "observation",
            "cto",
            (c, 5),
            "expedited_shipments",
            "More than half of the expedited shipments waited for firmware",
            f"23 of 41 expedited shipments in {month} waited for release 4.2. With the release gate moved to day 6"
            " about $15k a month of air freight would not be needed.",
        ),
        _row(
            "trend_break",
            "cto",
            (c, 4),
            "portal_availability_pct",
            "The portal had its worst month",
            f"99.62% in {month}, the lowest since {c.name(17)}; the usual month is above 99.90%.",
        ),
        _row(
            "record",
            "cto",
            (c, 3),
            "warranty_returns",
            "Warranty returns are at their lowest",
            f"13 in {month}, after 16 in {c.name(12)}.",
        ),
    ]
