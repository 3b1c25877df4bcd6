"""Loading the demo companies: whenever that is, once, and whole or not at all."""

import io
import json
import re
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command

from csuite.profiles import facts, months
from csuite.profiles.goals import standing
from csuite.profiles.models import MetricPoint
from csuite.profiles.records import Facts, to_json
from csuite.server.demo import NotEmpty, load, load_demo
from csuite.server.demo.calendar import Calendar
from csuite.tenants.models import Tenant, User
from csuite.tenants.scope import tenant_scope

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
DAYS = [TODAY, date(2027, 1, 1), date(2027, 3, 31), date(2028, 2, 29), date(2026, 12, 3)]


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_the_story_holds_whenever_it_is_loaded(today: date) -> None:
    load_demo(today, "correct horse battery")
    with tenant_scope(Tenant.objects.get(slug="northwind").pk):
        found = facts.facts_for(today)
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
    with tenant_scope(Tenant.objects.get(slug="northwind").pk):
        assert not MetricPoint.objects.filter(closed_on__gt=today).exists()
    assert months_said(found) <= months_near(Calendar(today))


def months_near(calendar: Calendar) -> set[str]:
    """The names of the months that the story may speak of."""
    return {months.NAMES[calendar.back(back).month - 1] for back in (*range(-6, 3), 12, 17)}


def months_said(found: Facts) -> set[str]:
    texts = json.dumps(to_json(found), ensure_ascii=False)
    return set(re.findall(rf"\b({'|'.join(name for name in months.NAMES if name != 'May')})\b", texts))


def test_a_second_load_changes_nothing() -> None:
    load_demo(TODAY, "correct horse battery")
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
