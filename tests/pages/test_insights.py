"""Insights of a page: put away by one person, taken back, asked about; and what changed since the visit before."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from csuite.conversations.models import Decision
from csuite.deals.models import Customer, Deal, Invoice, Pipeline, Stage, StageEntry
from csuite.imports.models import ImportRun
from csuite.profiles.models import BusinessProfile, Insight, InsightMark, Metric, MetricPoint
from csuite.tenants.models import Membership
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def insight(cast: Cast, title: str = "Margin fell", **fields: Any) -> Insight:
    told = {"kind": "trend_break", "persona": "cfo", "title": title, "text": "To 38.4%.", "found_on": cast.acme.today()}
    with tenant_scope(cast.acme.id):
        row: Insight = Insight.objects.create(**{**told, **fields})
    return row


def page(cast: Cast, path: str = "/", who: str = "bob") -> str:
    return cast.client(getattr(cast, who)).get(path).content.decode()


def test_dismissing_is_one_persons_own_and_can_be_undone_from_the_page_it_leads_to(cast: Cast) -> None:
    row = insight(cast)
    bob = cast.client(cast.bob)
    led = bob.post(f"/insights/{row.pk}/dismiss/", {"page": "home"}, follow=True).content.decode()
    assert "Put away for you: “Margin fell”" in led
    assert f'action="/insights/{row.pk}/bring-back/"' in led
    assert "Nothing stands out" in led
    assert "Margin fell" in page(cast, who="alice")
    assert "Margin fell" in page(cast, "/insights/?state=dismissed")
    back = bob.post(f"/insights/{row.pk}/bring-back/", {"page": "home"}, follow=True).content.decode()
    assert "“Margin fell” is back." in back
    assert "Nothing stands out" not in back


def test_a_snoozed_insight_comes_back_on_its_day(cast: Cast) -> None:
    row = insight(cast)
    bob = cast.client(cast.bob)
    until = cast.acme.today() + timedelta(days=3)
    asked = {"until": until.isoformat(), "page": "home"}
    led = bob.post(f"/insights/{row.pk}/snooze/", asked, follow=True).content.decode()
    assert f"Put away for you until {until.day} {until:%B %Y}" in led
    assert "Nothing stands out" in page(cast)
    assert "Margin fell" in page(cast, "/insights/?state=snoozed")
    with tenant_scope(cast.acme.id):
        InsightMark.objects.update(until=cast.acme.today())
    assert "Nothing stands out" not in page(cast)
    for days in (1, 7, 30):
        bob.post(f"/insights/{row.pk}/snooze/", {"days": days})
        with tenant_scope(cast.acme.id):
            assert InsightMark.objects.get().until == cast.acme.today() + timedelta(days=days)


@pytest.mark.parametrize(
    "said", [{}, {"until": "soon"}, {"until": "2001-01-01"}, {"until": "9999-01-01"}, {"days": "x"}, {"days": "9" * 30}]
)
def test_a_day_that_is_none_snoozes_nothing(cast: Cast, said: dict[str, str]) -> None:
    row = insight(cast)
    html = cast.client(cast.bob).post(f"/insights/{row.pk}/snooze/", said, follow=True).content.decode()
    assert "Nothing was changed" in html
    assert "Margin fell" in html


def test_a_finding_that_came_back_after_it_was_over_is_shown_again(cast: Cast) -> None:
    row = insight(cast)
    cast.client(cast.bob).post(f"/insights/{row.pk}/dismiss/")
    with tenant_scope(cast.acme.id):
        Insight.objects.update(found_at=timezone.now() + timedelta(seconds=1))
    assert "Margin fell" in page(cast)


def test_asking_starts_a_conversation_with_whom_it_concerns_and_the_question_ready(cast: Cast) -> None:
    insight(cast)
    html = page(cast)
    link = "/conversations/?persona=cfo&amp;text=Margin%20fell.%20Why%2C%20and%20what%20should%20we%20do%3F"
    assert f'<a href="{link}">Ask the CFO</a>' in html
    asked = cast.client(cast.bob).get(link.replace("&amp;", "&")).content.decode()
    assert "Margin fell. Why, and what should we do?</textarea>" in asked


def test_the_page_of_all_shows_each_state_and_fits_filters(cast: Cast) -> None:
    insight(cast)
    insight(cast, "Sessions: a record", kind="record", persona="cmo")
    insight(cast, "Old trouble", closed_on=date(2026, 1, 2))
    assert "Old trouble" not in page(cast, "/insights/")
    over = page(cast, "/insights/?state=over")
    assert "over since 2 January 2026" in over
    assert "Dismiss:" not in over
    assert all(title in page(cast, "/insights/?state=all") for title in ("Old trouble", "Margin fell", "Sessions"))
    assert "Margin fell" not in page(cast, "/insights/?persona=cmo")
    assert "Sessions" not in page(cast, "/insights/?kind=trend_break")
    assert "Margin fell" in page(cast, "/insights/?kind=nonsense&state=nonsense")
    for n in range(35):
        insight(cast, f"Finding {n}")
    assert "Older ones" in page(cast, "/insights/")
    assert "Newer ones" in page(cast, "/insights/?page=2")


def test_from_the_list_one_comes_back_to_the_list_as_it_was_filtered(cast: Cast) -> None:
    row = insight(cast)
    asked = {"page": "insights", "query": "state=new&persona=cfo"}
    led = cast.client(cast.bob).post(f"/insights/{row.pk}/dismiss/", asked)
    assert led["Location"] == f"/insights/?state=new&persona=cfo&away={row.pk}"


def days_ago(cast: Cast, days: int) -> Any:
    Membership.objects.filter(user=cast.bob).update(visit_at=timezone.now() - timedelta(days=days))


def test_home_says_what_changed_since_the_visit_before_and_says_it_during_the_whole_visit(cast: Cast) -> None:
    assert "Since " not in page(cast)  # the first visit
    days_ago(cast, 10)
    today = cast.acme.today()
    insight(cast)
    with tenant_scope(cast.acme.id):
        row = Metric.objects.create(key="margin", name="Margin", unit="percent")
        MetricPoint.objects.create(metric=row, period=date(2026, 1, 1), value=1, closed_on=today)
        ImportRun.objects.create(target="metrics", user=cast.bob.id, file_name="a", digest="a", size=1, status="done")
        customer = Customer.objects.create(name="Halden")
        pipeline = Pipeline.objects.create(name="Sales")
        won = Stage.objects.create(pipeline=pipeline, name="Won", kind="won")
        deal = Deal.objects.create(reference="D1", stage=won)
        StageEntry.objects.create(deal=deal, stage=won, entered_on=today)
        for days in (2, 30):
            Invoice.objects.create(number=f"I{days}", customer=customer, issued_on=today - timedelta(days=60),
                                   due_on=today - timedelta(days=days), amount=Decimal(71_200))  # fmt: skip
    said = "1 new insight, January closed for 1 metric, 1 import, 1 deal moved, 1 of them won, 1 invoice late, $71k."
    for _ in range(2):
        html = page(cast)
        assert said in html.replace("January 2026", "January")
        assert "Since " in html


def test_decisions_that_wait_stand_on_home_with_who_and_when_and_what_came_of_them_since(cast: Cast) -> None:
    days_ago(cast, 10)
    today = cast.acme.today()
    with tenant_scope(cast.acme.id):
        Decision.objects.create(text="Freight surcharge", proposed_by=cast.bob)
        late = {"status": "approved", "decided_at": timezone.now(), "due": today - timedelta(days=2)}
        Decision.objects.create(text="Retire the FM-200 line", proposed_by=cast.bob, owner=cast.alice, **late)
        Decision.objects.create(text="Long done", proposed_by=cast.bob, owner=cast.alice, status="done")
    html = page(cast)
    assert "One decision is waiting for an owner." in html
    assert "1 decision approved, 1 decision overdue." in html
    assert html.index("Retire the FM-200 line") < html.index("Freight surcharge")
    assert "None yet" in html
    assert ", late</td>" in html
    assert "Long done" not in html


@pytest.mark.parametrize(("days", "said"), [(1, "Nothing new since yesterday."), (400, "Nothing new since ")])
def test_home_says_that_nothing_is_new(cast: Cast, days: int, said: str) -> None:
    days_ago(cast, days)
    assert said in page(cast)


def test_an_empty_company_is_told_what_to_do_first_and_each_role_what_it_may(cast: Cast) -> None:
    executive = page(cast)
    assert "Begin with one thing:" in executive
    assert '<a class="button button--primary" href="/profile/interview/">Answer the profile interview</a>' in executive
    assert '<a class="button button--primary" href="/imports/?target=metrics">' in page(cast, who="fiona")
    with tenant_scope(cast.acme.id):
        BusinessProfile.objects.create(status="published")
    assert '<a class="button button--primary" href="/imports/?target=metrics">' in page(cast)
    assert "2 of 7" in page(cast)  # the profile, and colleagues


def test_questions_are_asked_about_what_was_found_and_what_is_late(cast: Cast) -> None:
    for persona in ("ceo", "cmo", "cto", "cfo"):
        insight(cast, f"Finding of the {persona}", persona=persona)
    today = cast.acme.today()
    with tenant_scope(cast.acme.id):
        customer = Customer.objects.create(name="Halden")
        for n in range(3):
            Invoice.objects.create(number=str(n), customer=customer, issued_on=today - timedelta(days=60),
                                   due_on=today - timedelta(days=9), amount=1)  # fmt: skip
    html = page(cast)
    assert "Which of the three late invoices should we chase first?" in html
    asks = html[html.index("Questions worth asking today") :]
    assert sum(f"Finding of the {one}. Why" in asks for one in ("ceo", "cmo", "cto", "cfo")) == 1
