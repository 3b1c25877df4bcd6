"""Northwind Instruments: 140 people who make flow and pressure instruments, in the month the margin slipped."""

from decimal import Decimal
from typing import Any

from csuite.profiles import months
from csuite.server.demo.calendar import Calendar
from csuite.server.demo.company import DemoCompany, DemoMetric, Person
from csuite.server.demo.northwind_story import causes, insights
from csuite.tenants.models import Role

ELENA = Person("elena@northwind.example", "Elena Marsh", "Managing director", Role.EXECUTIVE)
PRIYA = Person("priya@northwind.example", "Priya Nair", "Head of sales", Role.ADMIN)
TOMAS = Person("tomas@northwind.example", "Tomas Reuter", "Finance director", Role.FINANCE)

METRICS = (
    DemoMetric(
        "revenue",
        "Revenue",
        "currency",
        "sum",
        owner=TOMAS.email,
        is_key=True,
        synonyms=("sales", "turnover", "top line"),
    ),
    DemoMetric(
        "gross_margin_pct",
        "Gross margin",
        "percent",
        "weighted",
        weight="revenue",
        owner=TOMAS.email,
        is_key=True,
        synonyms=("margin", "gm", "gross profit margin"),
    ),
    DemoMetric(
        "order_intake",
        "Order intake",
        "currency",
        "sum",
        owner=PRIYA.email,
        is_key=True,
        synonyms=("orders", "bookings"),
    ),
    DemoMetric(
        "dso",
        "Days sales outstanding",
        "days",
        "last",
        "down",
        owner=TOMAS.email,
        is_key=True,
        synonyms=("dso", "slower payment", "payment time", "pay later"),
    ),
    DemoMetric("cash", "Cash", "currency", "last", owner=TOMAS.email, synonyms=("cash balance", "liquidity")),
    DemoMetric(
        "overdue_receivables",
        "Overdue receivables",
        "currency",
        "last",
        "down",
        owner=TOMAS.email,
        synonyms=("late invoices", "overdue invoices", "receivables", "late payers"),
    ),
    DemoMetric(
        "air_freight_cost",
        "Air freight",
        "currency",
        "sum",
        "down",
        owner=TOMAS.email,
        synonyms=("freight", "expediting cost", "freight cost"),
    ),
    DemoMetric(
        "on_time_delivery_pct",
        "On-time delivery",
        "percent",
        "mean",
        owner=ELENA.email,
        synonyms=("on time", "otd", "delivery", "punctuality", "late deliveries", "are we late"),
    ),
    DemoMetric(
        "expedited_shipments",
        "Expedited shipments",
        "count",
        "sum",
        "down",
        owner=ELENA.email,
        synonyms=("expedited", "rush shipments", "expedites"),
    ),
    DemoMetric(
        "portal_availability_pct",
        "Portal availability",
        "percent",
        "mean",
        places=2,
        owner=ELENA.email,
        synonyms=("uptime", "portal", "downtime", "availability"),
    ),
    DemoMetric(
        "warranty_returns",
        "Warranty returns",
        "count",
        "sum",
        "down",
        owner=ELENA.email,
        synonyms=("returns", "quality", "defects"),
    ),
    DemoMetric(
        "sessions",
        "Website sessions",
        "count",
        "sum",
        owner=PRIYA.email,
        synonyms=("sessions", "visits", "traffic", "website"),
    ),
    DemoMetric("users", "Website users", "count", "sum", owner=PRIYA.email, synonyms=("users", "visitors")),
    DemoMetric(
        "demo_requests",
        "Demo requests",
        "count",
        "sum",
        owner=PRIYA.email,
        synonyms=("demos", "leads", "requests"),
    ),
    DemoMetric(
        "conversion_pct",
        "Conversion to demo request",
        "percent",
        "weighted",
        weight="sessions",
        places=2,
        owner=PRIYA.email,
        synonyms=("conversion", "conversions", "conversion rate"),
    ),
    DemoMetric(
        "oem_win_rate_pct",
        "Win rate on OEM renewals",
        "percent",
        "mean",
        places=0,
        owner=PRIYA.email,
        synonyms=("win rate", "renewals", "renewal rate"),
    ),
    DemoMetric(
        "largest_customer_pct",
        "Largest customer’s share of revenue",
        "percent",
        "last",
        "down",
        owner=PRIYA.email,
        synonyms=("concentration", "largest customer", "biggest customer"),
    ),
    DemoMetric(
        "people",
        "People",
        "count",
        "last",
        "neither",
        owner=ELENA.email,
        synonyms=("headcount", "employees", "staff"),
    ),
)


def profile(calendar: Calendar) -> dict[str, Any]:
    return {
        "version": 12,
        "industry": "Measurement instruments, flow and pressure",
        "people": 140,
        "stage": "Established, growing 14% a year",
        "revenue": Decimal(27_205_000),
        "currency": "USD",
        "fiscal_year_start": calendar.fiscal_year_start,
        "description": (
            "Two thirds of the customers are manufacturers who build our flow and pressure instruments into their"
            " plants. The rest buy calibration and spares."
        ),
        "entries": {
            "Lines": "OEM instruments, calibration, spares",
            "Concentration": "Twelve OEM accounts, 58% of revenue",
            "Covenant": "Cash of at least $3.0m at the end of every week",
        },
    }


def goals(calendar: Calendar) -> list[dict[str, Any]]:
    year = {"start": calendar.year_start, "deadline": calendar.year_end}
    return [
        {
            "key": "gross-margin",
            "title": "Gross margin 41% for the year",
            "metric": "gross_margin_pct",
            "target": Decimal(41),
            "unit": "percent",
            **year,
        },
        {
            "key": "on-time-delivery",
            "title": "On-time delivery 95%",
            "metric": "on_time_delivery_pct",
            "target": Decimal(95),
            "unit": "percent",
            "start": calendar.closed,
            "deadline": calendar.year_end,
        },
        {
            "key": "revenue",
            "title": "Revenue of $27.5m for the year",
            "metric": "revenue",
            "target": Decimal(27_500_000),
            "unit": "currency",
            **year,
        },
        {
            "key": "concentration",
            "title": "No customer above 8% of revenue",
            "metric": "largest_customer_pct",
            "target": Decimal(8),
            "unit": "percent",
            "direction": "at_most",
            "start": calendar.year_start,
            "deadline": months.last_day(months.shift(calendar.year_start, 23)),
        },
        {
            "key": "covenant",
            "title": "Cash above the covenant floor of $3.0m",
            "metric": "cash",
            "target": Decimal(3_000_000),
            "unit": "currency",
            **year,
        },
    ]


NORTHWIND = DemoCompany(
    name="Northwind Instruments",
    slug="northwind",
    currency="USD",
    people=(ELENA, PRIYA, TOMAS),
    profile=profile,
    metrics=METRICS,
    tables=("northwind.csv", "northwind_lines.csv"),
    goals=goals,
    causes=causes,
    insights=insights,
    forecast={"revenue": (Decimal(2_430_000), Decimal(2_510_000))},
)
