"""The demo companies: loaded whole, once, with the figures of the design, whenever that is."""

import io
import json
import re
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command

from csuite.profiles import facts, figures, months
from csuite.profiles.goals import standing
from csuite.profiles.models import Metric, MetricPoint
from csuite.profiles.records import Facts, to_json
from csuite.server.demo import Loaded, NotEmpty, load, load_demo
from csuite.server.demo.calendar import Calendar
from csuite.tenants.models import Membership, Role, Tenant, User
from csuite.tenants.scope import tenant_scope

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
DAYS = [TODAY, date(2027, 1, 1), date(2027, 3, 31), date(2028, 2, 29), date(2026, 12, 3)]


@pytest.fixture
def loaded() -> Loaded:
    return load_demo(TODAY, "correct horse battery")


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


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_the_story_holds_whenever_it_is_loaded(today: date) -> None:
    load_demo(today, "correct horse battery")
    found = known("northwind", today)
    assert found.newest == months.last_closed(today)
    goal = next(goal for goal in found.goals if goal.key == "gross-margin")
    series = found.metric("gross_margin_pct")
    assert series is not None
    stands = standing(goal, series, found.metric("revenue"))
    assert stands is not None
    assert stands.needed is not None
    assert round(stands.needed, 1) == Decimal("41.7")
    assert len(stands.remaining) == 2
    assert all(insight.found_on <= today for insight in found.insights)
    with tenant_scope(tenant("northwind").pk):
        assert not MetricPoint.objects.filter(closed_on__gt=today).exists()


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_month_names_are_those_of_the_calendar(today: date) -> None:
    calendar = Calendar(today)
    load_demo(today, "correct horse battery")
    near = {months.NAMES[calendar.back(back).month - 1] for back in range(-6, 3)} | {
        months.NAMES[calendar.back(back).month - 1] for back in (12, 17)
    }
    texts = json.dumps(to_json(known("northwind", today)), ensure_ascii=False)
    said = set(re.findall(rf"\b({'|'.join(name for name in months.NAMES if name != 'May')})\b", texts))
    assert said <= near


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


@pytest.mark.usefixtures("loaded")
def test_a_second_load_changes_nothing() -> None:
    users = list(User.objects.values_list("pk", "password"))
    with pytest.raises(NotEmpty, match="not empty"):
        load_demo(TODAY)
    assert list(User.objects.values_list("pk", "password")) == users
    assert Tenant.objects.exclude(slug="csuite").count() == 2


def test_a_load_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("no space")

    monkeypatch.setattr(load, "EXTRAS", [fail])
    with pytest.raises(RuntimeError, match="no space"):
        load_demo(TODAY)
    assert not Tenant.objects.exclude(slug="csuite").exists()
    assert not User.objects.exists()


def test_the_command_prints_the_logins_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSUITE_DEMO_PASSWORD", "a password of mine")
    first, second, quiet = io.StringIO(), io.StringIO(), io.StringIO()
    call_command("load_demo", stdout=first)
    call_command("load_demo", stdout=second)
    call_command("load_demo", "--if-empty", stdout=quiet)
    assert "elena@northwind.example" in first.getvalue()
    assert "password: a password of mine" in first.getvalue()
    assert second.getvalue().startswith("the database is not empty")
    assert "password" not in second.getvalue()
    assert quiet.getvalue() == ""


def test_without_a_given_password_each_installation_gets_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CSUITE_DEMO_PASSWORD", raising=False)
    assert len(load_demo(TODAY).password) >= 12


def test_a_person_who_is_there_already_keeps_her_password() -> None:
    User.objects.create_user("root@csuite.example", "mine alone, thank you")
    User.objects.create_user("elena@northwind.example", "mine alone, thank you")
    load_demo(TODAY, "correct horse battery")
    for email in ("root@csuite.example", "elena@northwind.example"):
        assert User.objects.get(email=email).check_password("mine alone, thank you")
