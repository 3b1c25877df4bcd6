"""Home shows what there is, and says so where there is nothing."""

from datetime import date, datetime

import pytest
from django.test import Client

from csuite.pages.greeting import greeting, long_date
from csuite.pages.home.cards import one_of_each
from csuite.profiles.models import Insight
from csuite.server.demo import load_demo
from csuite.tenants.models import Tenant, User
from csuite.tenants.scope import tenant_scope
from tests.conftest import PASSWORD, Cast


@pytest.mark.parametrize(
    ("hour", "part"),
    [(0, "evening"), (4, "morning"), (11, "morning"), (12, "afternoon"), (17, "afternoon"), (18, "evening")],
)
def test_the_greeting_follows_the_clock(hour: int, part: str) -> None:
    assert greeting(datetime(2026, 11, 20, hour), "Elena") == f"Good {part}, Elena"


def test_a_date_is_written_out() -> None:
    assert long_date(datetime(2026, 11, 5)) == "Thursday 5 November 2026"


def insight(persona: str, title: str) -> Insight:
    return Insight(kind="record", persona=persona, title=title, found_on=date(2026, 11, 1))


def test_every_persona_has_a_word_before_one_has_two() -> None:
    ordered = one_of_each([insight("cfo", "a"), insight("cfo", "b"), insight("ceo", "c"), insight("cfo", "d")])
    assert [one.title for one in ordered] == ["a", "c", "b", "d"]


@pytest.mark.django_db
def test_an_empty_company_gets_empty_states_and_a_composer(cast: Cast) -> None:
    html = cast.client(cast.bob).get("/").content.decode()
    for words in ("No figures yet", "Nothing stands out", "No goals yet", 'action="/conversations/"'):
        assert words in html


@pytest.mark.django_db
def test_the_demo_company_gets_its_figures_insights_goals_and_questions() -> None:
    load_demo(today=date(2026, 11, 20), password=PASSWORD)
    client = Client()
    client.force_login(User.objects.get(email="elena@northwind.example"))
    html = client.get("/").content.decode()
    for words in ("$2.41m", "38.4%", "Target 41%", "47", 'class="spark chart"', "Questions worth asking today"):
        assert words in html
    assert "No figures yet" not in html
    profile = client.get("/profile/").content.decode()
    assert "Measurement instruments" in profile
    assert "Gross margin 41% for the year" in profile


@pytest.mark.django_db
def test_words_of_rows_cannot_become_markup(cast: Cast) -> None:
    with tenant_scope(cast.acme.id):
        Insight.objects.create(
            kind="record",
            persona="cfo",
            title="<script>alert(1)</script>",
            text='"><img src=x>',
            found_on=date(2026, 1, 1),
        )
    Tenant.objects.filter(id=cast.acme.id).update(name="<b>Acme")
    User.objects.filter(id=cast.bob.id).update(name="<i>Bob\u202e")
    html = cast.client(cast.bob).get("/").content.decode()
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "<b>Acme" not in html
    assert "<i>Bob" not in html
