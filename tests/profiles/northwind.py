"""Northwind's facts without a database, as on 20 November 2026: what the screens of the design show."""

from datetime import date
from decimal import Decimal

from csuite.profiles import months
from csuite.profiles.records import Cause, Company, Facts, GoalRecord, InsightRecord, Point, Series
from csuite.server.demo.calendar import Calendar
from csuite.server.demo.company import DemoCompany, figures
from csuite.server.demo.northwind import NORTHWIND

TODAY = date(2026, 11, 20)


def points(company: DemoCompany, key: str, calendar: Calendar, line: str = "") -> tuple[Point, ...]:
    found = [
        Point(calendar.back(back), value)
        for table in company.tables
        for back, metric, of_line, value in figures(table)
        if metric == key and of_line == line
    ]
    return tuple(sorted(found, key=lambda point: point.period))


def lines(company: DemoCompany, key: str, calendar: Calendar) -> dict[str, tuple[Point, ...]]:
    names = {line for table in company.tables for _, metric, line, _ in figures(table) if metric == key and line}
    return {line: points(company, key, calendar, line) for line in sorted(names)}


def facts(company: DemoCompany = NORTHWIND, today: date = TODAY) -> Facts:
    """Everything that the company has, as one persona that sees it all."""
    calendar = Calendar(today)
    profile = company.profile(calendar)
    metrics = tuple(
        Series(
            key=metric.key,
            name=metric.name,
            unit=metric.unit,
            good=metric.good,
            aggregation=metric.aggregation,
            weight=metric.weight or None,
            places=metric.places,
            is_key=metric.is_key,
            synonyms=metric.synonyms,
            points=points(company, metric.key, calendar),
            forecast=tuple(
                Point(calendar.back(-ahead), value)
                for ahead, value in enumerate(company.forecast.get(metric.key, ()), 1)
            ),
            lines=lines(company, metric.key, calendar),
        )
        for metric in company.metrics
    )
    goals = tuple(GoalRecord(**{"direction": "at_least", **goal}) for goal in company.goals(calendar))
    return Facts(
        today=today,
        company=Company(
            company.name,
            people=profile["people"],
            currency=company.currency,
            fiscal_year_start=profile["fiscal_year_start"],
            entries=profile["entries"],
        ),
        metrics=metrics,
        goals=goals,
        causes=tuple(Cause(period=calendar.closed, **cause) for cause in company.causes(calendar)),
        insights=tuple(InsightRecord(**insight) for insight in company.insights(calendar)),
        sees=tuple(metric.key for metric in company.metrics),
    )


def series(key: str) -> Series:
    found = facts().metric(key)
    assert found is not None
    return found


def values(key: str) -> list[Decimal]:
    return series(key).values


OCTOBER = months.last_closed(TODAY)
