"""Rival Instruments: 62 people who make laboratory balances; other figures, another currency, another story."""

from decimal import Decimal
from typing import Any

from csuite.server.demo.calendar import Calendar
from csuite.server.demo.company import DemoCompany, DemoMetric, Person
from csuite.tenants.models import Role

CHARLIE = Person("charlie@rival.example", "Charlie Winter", "Managing director", Role.EXECUTIVE)

METRICS = (
    DemoMetric("revenue", "Revenue", "currency", "sum", is_key=True, synonyms=("sales", "turnover")),
    DemoMetric(
        "gross_margin_pct",
        "Gross margin",
        "percent",
        "weighted",
        weight="revenue",
        is_key=True,
        synonyms=("margin",),
    ),
    DemoMetric("order_intake", "Order intake", "currency", "sum", is_key=True, synonyms=("orders", "bookings")),
    DemoMetric("dso", "Days sales outstanding", "days", "last", "down", is_key=True, synonyms=("dso",)),
    DemoMetric("cash", "Cash", "currency", "last", synonyms=("cash balance",)),
    DemoMetric("on_time_delivery_pct", "On-time delivery", "percent", "mean", synonyms=("on time", "delivery")),
    DemoMetric("sessions", "Website sessions", "count", "sum", synonyms=("sessions", "visits", "traffic")),
    DemoMetric("demo_requests", "Demo requests", "count", "sum", synonyms=("demos", "leads")),
    DemoMetric("people", "People", "count", "last", "neither", synonyms=("headcount", "staff")),
)


def profile(calendar: Calendar) -> dict[str, Any]:
    return {
        "version": 3,
        "industry": "Laboratory balances and scales",
        "people": 62,
        "stage": "Rebuilding after two weak years",
        "currency": "EUR",
        "fiscal_year_start": calendar.fiscal_year_start,
        "description": "Balances and scales for laboratories and pharmacies, sold through distributors.",
        "entries": {"Lines": "Balances, scales, service contracts"},
    }


def goals(calendar: Calendar) -> list[dict[str, Any]]:
    return [
        {
            "key": "gross-margin",
            "title": "Gross margin 35.5% for the year",
            "metric": "gross_margin_pct",
            "target": Decimal("35.5"),
            "unit": "percent",
            "start": calendar.year_start,
            "deadline": calendar.year_end,
        },
    ]


def causes(calendar: Calendar) -> list[dict[str, Any]]:
    return [
        {
            "metric": "gross_margin_pct",
            "amount_name": "Gross profit",
            "cause": "Service contracts repriced",
            "points": Decimal("0.5"),
            "amount": Decimal(4_600),
            "lasting": "lasts",
            "lasts": "Yes",
        },
    ]


def insights(calendar: Calendar) -> list[dict[str, Any]]:
    return [
        {
            "kind": "trend_break",
            "persona": "cmo",
            "found_on": calendar.day(3),
            "about": "demo_requests",
            "title": "Demo requests fell for the sixth month",
            "text": f"55 in {calendar.name()}, the lowest since {calendar.name(17)}.",
        },
    ]


RIVAL = DemoCompany(
    name="Rival Instruments",
    slug="rival",
    currency="EUR",
    people=(CHARLIE,),
    profile=profile,
    metrics=METRICS,
    tables=("rival.csv",),
    goals=goals,
    causes=causes,
    insights=insights,
)
