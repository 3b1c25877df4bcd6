"""Turns the demo companies into rows: all of them or none, and only in a database without a company."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from allauth.account.models import EmailAddress
from django.db import connection, transaction
from django.utils import timezone

from csuite.profiles import months
from csuite.profiles.models import BusinessProfile, Goal, Insight, Metric, MetricCause, MetricPoint
from csuite.server import env
from csuite.server.demo.calendar import Calendar
from csuite.server.demo.company import DemoCompany, Person, figures
from csuite.server.demo.northwind import NORTHWIND
from csuite.server.demo.northwind_deals import pipeline
from csuite.server.demo.rival import RIVAL
from csuite.tenants.models import Membership, Tenant, TenantOwned, User
from csuite.tenants.models.tenant import PLATFORM_SLUG
from csuite.tenants.scope import tenant_scope

ROOT = ("root@csuite.example", "Platform staff")
LOCK = 0x63_73_75_69_74_65  # one loader at a time; any number that is ours

# What later packages add to a company, called within its scope with the company, its people by e-mail, the calendar.
Extra = Callable[[DemoCompany, dict[str, User], Calendar], None]
EXTRAS: list[Extra] = [pipeline]


class NotEmpty(RuntimeError):
    """There is a company already; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Login:
    email: str
    what: str


@dataclass(frozen=True, slots=True)
class Loaded:
    logins: tuple[Login, ...]
    password: str


def load_demo(today: date | None = None, password: str | None = None) -> Loaded:
    """Loads Northwind and Rival. Raises NotEmpty when a company exists. Needs no scope and must not be in one."""
    chosen = password or env.secret("CSUITE_DEMO_PASSWORD") or secrets.token_urlsafe(9)
    calendar = Calendar(today or timezone.localdate())
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if Tenant.objects.exclude(slug=PLATFORM_SLUG).exists():
            raise NotEmpty("the database is not empty: the demo companies were not loaded, nothing was changed")
        logins = [login for company in (NORTHWIND, RIVAL) for login in _company(company, calendar, chosen)]
        _root(chosen)
    return Loaded((*logins, Login(ROOT[0], "platform staff")), chosen)


def _root(password: str) -> None:
    email, name = ROOT
    if not User.objects.filter(email=email).exists():
        _address(User.objects.create_superuser(email, password, name=name))


def _address(user: User) -> User:
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    return user


def _company(company: DemoCompany, calendar: Calendar, password: str) -> list[Login]:
    tenant = Tenant.objects.create(name=company.name, slug=company.slug, currency=company.currency)
    people = {person.email: _person(person, tenant, password) for person in company.people}
    with tenant_scope(tenant.pk):
        metrics = _metrics(company, people)
        _points(company, metrics, calendar)
        _story(company, metrics, calendar)
        for extra in EXTRAS:
            extra(company, people, calendar)
    return [Login(p.email, f"{p.name}, {p.role.label.lower()} of {company.name}") for p in company.people]


def _person(person: Person, tenant: Tenant, password: str) -> User:
    user = User.objects.filter(email=person.email).first()
    if user is None:
        user = User.objects.create_user(person.email, password, name=person.name)
    Membership.objects.create(user=user, tenant=tenant, role=person.role, title=person.title)
    return _address(user)


def _metrics(company: DemoCompany, people: dict[str, User]) -> dict[str, Metric]:
    rows: dict[str, Metric] = {}
    for position, metric in enumerate(company.metrics):
        rows[metric.key] = Metric.objects.create(
            key=metric.key,
            name=metric.name,
            unit=metric.unit,
            good=metric.good,
            aggregation=metric.aggregation,
            weight=rows.get(metric.weight),
            synonyms=list(metric.synonyms),
            owner=people.get(metric.owner),
            places=metric.places,
            is_key=metric.is_key,
            position=position,
        )
    for metric in company.metrics:
        if metric.weight and rows[metric.key].weight is None:
            raise ValueError(f"{company.name}: {metric.weight} must stand before {metric.key}")
    return rows


def _points(company: DemoCompany, metrics: dict[str, Metric], calendar: Calendar) -> None:
    points = [
        _measured(metrics[key], calendar, back, line, value)
        for table in company.tables
        for back, key, line, value in figures(table)
    ]
    for key, values in company.forecast.items():
        for ahead, value in enumerate(values, 1):
            points.append(
                MetricPoint(
                    metric=metrics[key],
                    period=calendar.back(-ahead),
                    value=value,
                    is_forecast=True,
                    as_of=calendar.day(16),
                    source=f"Sales forecast of {calendar.said(16)}",
                )
            )
    _create(points)


def _measured(metric: Metric, calendar: Calendar, back: int, line: str, value: Any) -> MetricPoint:
    period = calendar.back(back)
    return MetricPoint(
        metric=metric,
        period=period,
        line=line,
        value=value,
        as_of=months.last_day(period),
        closed_on=min(calendar.back(back - 1).replace(day=6), calendar.today),
        source=f"metrics-{period:%Y-%m}.xlsx",
    )


def _story(company: DemoCompany, metrics: dict[str, Metric], calendar: Calendar) -> None:
    profile = BusinessProfile.objects.create(
        **company.profile(calendar), status=BusinessProfile.Status.PUBLISHED, published_at=timezone.now()
    )
    for position, goal in enumerate(company.goals(calendar)):
        fields = {**goal, "metric": metrics[goal["metric"]]}
        Goal.objects.create(profile=profile, position=position, **fields)
    for position, cause in enumerate(company.causes(calendar)):
        fields = {**cause, "metric": metrics[cause["metric"]]}
        MetricCause.objects.create(period=calendar.closed, position=position, **fields)
    for insight in company.insights(calendar):
        fields = {name: value for name, value in insight.items() if name != "about"}
        Insight.objects.create(about_kind="metric", about_id=metrics[insight["about"]].pk, **fields)


def _create(points: list[MetricPoint]) -> None:
    rows: list[TenantOwned] = list(points)
    for row in rows:
        row.claim()
    MetricPoint.objects.bulk_create(points)
