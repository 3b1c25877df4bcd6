"""The demo companies: loaded whole, once, with the figures of the design, whenever that is."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from csuite.profiles import facts, figures
from csuite.profiles.models import Metric
from csuite.profiles.records import Facts, to_json
from csuite.server.demo import Loaded, load_demo
from csuite.tenants.models import Membership, Role, Tenant, User
from csuite.tenants.scope import tenant_scope

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[Loaded]:
    """Loaded once for this file, whose tests only read, and taken back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_demo(TODAY, "correct horse battery")
        transaction.set_rollback(True)


def tenant(slug: str) -> Tenant:
    return Tenant.objects.get(slug=slug)


def known(slug: str, today: date = TODAY) -> Facts:
    with tenant_scope(tenant(slug).pk):
        return facts.facts_for(today)


def test_the_cast_can_sign_in_with_the_printed_password(loaded: Loaded) -> None:
    roles = {
        "elena@northwind.example": Role.EXECUTIVE,
        "priya@northwind.example": Role.ADMIN,
        "tomas@northwind.example": Role.FINANCE,
        "charlie@rival.example": Role.EXECUTIVE,
    }
    assert {m.user.email: m.role for m in Membership.objects.select_related("user")} == roles
    assert {login.email for login in loaded.logins} == {*roles, "root@csuite.example"}
    for login in loaded.logins:
        assert User.objects.get(email=login.email).check_password(loaded.password)
    assert User.objects.get(email="root@csuite.example").is_superuser
    assert User.objects.get(email="elena@northwind.example").name == "Elena Marsh"


@pytest.mark.usefixtures("loaded")
def test_the_home_page_shows_the_four_figures_of_the_design() -> None:
    with tenant_scope(tenant("northwind").pk):
        found = figures.key_figures(TODAY)
    assert [(f.label, f.text, f.delta, f.delta_note) for f in found] == [
        ("Revenue", "$2.41m", "13.8%", "on Oct 2025"),
        ("Gross margin", "38.4%", "2.8 points", "on Sep"),
        ("Order intake", "$2.60m", "18.8%", "on Oct 2025"),
        ("Days sales outstanding", "47", "5 days", "since July"),
    ]


@pytest.mark.usefixtures("loaded")
def test_product_lines_add_up_to_the_company_in_every_month() -> None:
    found = known("northwind")
    revenue, margin = found.metric("revenue"), found.metric("gross_margin_pct")
    assert revenue is not None
    assert margin is not None
    assert len(revenue.points) == 18
    for place, whole in enumerate(revenue.points):
        parts = {line: points[place].value for line, points in revenue.lines.items()}
        assert sum(parts.values()) == whole.value
        profit = sum(parts[line] * points[place].value for line, points in margin.lines.items())
        assert abs(profit / whole.value - margin.points[place].value) < Decimal("0.05")


@pytest.mark.usefixtures("loaded")
def test_causes_explain_the_whole_change() -> None:
    found = known("northwind")
    for key in ("gross_margin_pct", "on_time_delivery_pct", "air_freight_cost"):
        series = found.metric(key)
        assert series is not None
        before, after = series.values[-2:]
        causes = found.causes_of(key, series.points[-1].period)
        assert sum(cause.points for cause in causes if cause.points is not None) == after - before
    invoices = found.causes_of("overdue_receivables", date(2026, 10, 1))
    assert sum(cause.amount for cause in invoices if cause.amount is not None) == 612_000


@pytest.mark.usefixtures("loaded")
def test_insights_tell_the_figures_of_the_design() -> None:
    texts = " ".join(f"{insight.title} {insight.text}" for insight in known("northwind").insights)
    for figure in ("40.1% and 41.5%", "2.0 of 2.8 points", "52,400", "5.2%", "318", "89.6%", "97.7%", "$612k"):
        assert figure in texts
    assert "from May 2025 to September" in texts


@pytest.mark.usefixtures("loaded")
def test_rival_shares_no_figure_with_northwind() -> None:
    def amounts(slug: str) -> set[Decimal]:
        return {value for s in known(slug).metrics if s.key != "people" for value in s.values if value > 1000}

    ours, theirs = amounts("northwind"), amounts("rival")
    assert not ours & theirs
    text = json.dumps(to_json(known("rival")))
    assert "Northwind" not in text
    assert not [value for value in ours if f'"{value.normalize():f}"' in text]


@pytest.mark.usefixtures("loaded")
def test_each_tenant_sees_its_own_metrics_only() -> None:
    with tenant_scope(tenant("rival").pk):
        assert Metric.objects.count() == 9
        assert not Metric.objects.filter(tenant=tenant("northwind")).exists()
