"""Insights as rows: what detectors find of a tenant's figures is kept once, told anew, closed, and heard of."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from csuite.deals.models import Customer, Deal, Invoice, Pipeline, Stage, StageEntry
from csuite.personas.evidence.checking import Checker
from csuite.personas.evidence.knowledge import prepared
from csuite.personas.findings import looking
from csuite.personas.findings.storing import keep
from csuite.personas.insights import Finding
from csuite.personas.models import InsightsDue, Persona
from csuite.personas.readiness import ready
from csuite.profiles import months
from csuite.profiles.models import BusinessProfile, Goal, Insight, Metric, MetricPoint
from csuite.tenants.models import Tenant
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast

STEADY = [40.6, 40.9, 41.2, 40.8, 41.0, 40.5, 41.3, 40.7, 41.1, 40.9, 40.6, 41.0, 40.8, 41.2, 40.7, 41.0, 40.9]
ON_TIME = [94.0, 95.5, 93.8, 94.6, 95.0, 93.9, 94.4, 94.9, 94.1, 93.7, 94.5, 89.6]


def metric(key: str = "gross_margin_pct", values_: list[float] | None = None, **fields: Any) -> Metric:
    """With a value for each of the last closed months, the last one a break."""
    row: Metric = Metric.objects.create(**{"key": key, "name": "Gross margin", "unit": "percent", **fields})
    figures = [*STEADY, 38.4] if values_ is None else values_
    last = months.last_closed(Tenant.objects.get(pk=row.tenant_id).today())
    for back, value in enumerate(reversed(figures)):
        MetricPoint.objects.create(metric=row, period=months.shift(last, -back), value=Decimal(str(value)))
    return row


def wanted_look(cast: Cast) -> Any:
    looking.want(cast.acme.id)
    return looking.look(cast.acme.id)


def open_ones(cast: Cast) -> list[Insight]:
    with tenant_scope(cast.acme.id):
        return list(Insight.objects.filter(closed_on=None))


def due(cast: Cast) -> InsightsDue:
    with tenant_scope(cast.acme.id):
        found: InsightsDue = InsightsDue.objects.get()
        return found


@pytest.mark.django_db
def test_a_break_in_real_rows_is_one_insight_for_whom_it_concerns_however_often_it_is_looked_for(cast: Cast) -> None:
    with tenant_scope(cast.acme.id):
        margin = metric()
    assert wanted_look(cast).new == 1
    again = wanted_look(cast)
    assert (again.new, again.changed, again.same, again.closed) == (0, 0, 1, 0)
    (row,) = open_ones(cast)
    assert row.title.startswith("Gross margin left the usual course in")
    assert "closed at 38.4%" in row.text
    assert (row.persona, row.about_kind, row.about_id) == ("cfo", "metric", margin.pk)
    with tenant_scope(cast.acme.id):
        told = ready("cfo", cast.acme.today()).facts.insights
    assert [one.title for one in told] == [row.title]


@pytest.mark.django_db
def test_a_finding_that_is_over_is_closed_and_no_longer_told_and_comes_back_as_itself(cast: Cast) -> None:
    with tenant_scope(cast.acme.id):
        point = metric().points.latest("period")
    wanted_look(cast)
    (row,) = open_ones(cast)
    with tenant_scope(cast.acme.id):
        MetricPoint.objects.filter(pk=point.pk).update(value=Decimal("40.9"))
    assert wanted_look(cast).closed == 1
    with tenant_scope(cast.acme.id):
        assert ready("cfo", cast.acme.today()).facts.insights == ()
        MetricPoint.objects.filter(pk=point.pk).update(value=Decimal("38.4"))
    assert wanted_look(cast).changed == 1
    (back,) = open_ones(cast)
    assert (back.pk, back.found_at) == (row.pk, row.found_at)  # it was away for a moment: not new to anybody
    with tenant_scope(cast.acme.id):
        Insight.objects.update(closed_on=cast.acme.today() - timedelta(days=30))
    wanted_look(cast)
    (new,) = open_ones(cast)
    assert new.pk == row.pk
    assert new.found_at > row.found_at


def finding(**more: Any) -> Finding:
    told = {"kind": "trend_break", "persona": "cfo", "title": "a", "text": "b", "figures": (), "about": ("", "")}
    return Finding(**{**told, "found_on": date(2026, 11, 6), "strength": 0.5, "matter": "m:up", **more})


@pytest.mark.django_db
def test_a_break_that_is_dated_a_little_differently_is_the_same_and_a_later_one_is_new(cast: Cast) -> None:
    today = date(2026, 11, 6)
    with tenant_scope(cast.acme.id):
        assert keep([finding(since=date(2026, 6, 1))], today).new == 1
        assert keep([finding(since=date(2026, 8, 1), title="c")], today).changed == 1
        assert keep([finding(since=date(2027, 3, 1))], today).new == 1
        assert keep([finding(kind="record", since=date(2026, 6, 1), matter="x" * 300, title="t" * 300)], today).new == 1
        assert Insight.objects.filter(closed_on=None).count() == 1


@pytest.mark.django_db
def test_what_somebody_wrote_of_lately_is_not_said_again_by_a_detector(cast: Cast) -> None:
    with tenant_scope(cast.acme.id):
        row = metric()
        Insight.objects.create(
            kind="trend_break", persona="cfo", title="Margin fell", found_on=cast.acme.today(),
            about_kind="metric", about_id=row.pk,
        )  # fmt: skip
    assert wanted_look(cast).new == 0
    assert [one.title for one in open_ones(cast)] == ["Margin fell"]


@pytest.mark.django_db
def test_goals_and_missing_months_are_found_in_rows(cast: Cast) -> None:
    with tenant_scope(cast.acme.id):
        late = metric("otd", ON_TIME, aggregation="mean", name="On-time delivery")
        last = months.last_closed(cast.acme.today())
        profile = BusinessProfile.objects.create(status="published")
        goal = {"key": "otd", "title": "on-time delivery 95%", "target": 95, "unit": "percent", "metric": late}
        Goal.objects.create(profile=profile, start=last, deadline=months.last_day(months.shift(last, 2)), **goal)
        for n in range(4):
            old = Metric.objects.create(key=f"old{n}", name=f"Old {n}", unit="count")
            MetricPoint.objects.create(metric=old, period=months.shift(last, -4), value=1)
    wanted_look(cast)
    found = {one.kind: one for one in open_ones(cast)}
    assert found["goal_at_risk"].title == "The goal “on-time delivery 95%” is at risk"
    assert found["stale"].title.startswith("4 metrics have no value for ")
    assert found["stale"].text.endswith("Old 0, Old 1, Old 2, Old 3.")


def one_customer_holds_most(cast: Cast, pipeline: Pipeline) -> None:
    today = cast.acme.today()
    stage = Stage.objects.create(pipeline=pipeline, name="Quoted")
    for n in range(30):  # deals that were ordered after a month
        gone = Deal.objects.create(
            reference=f"P{n}", closed_on=today - timedelta(days=300),
            stage=Stage.objects.get_or_create(pipeline=pipeline, name="Won", kind="won")[0],
        )  # fmt: skip
        StageEntry.objects.create(deal=gone, stage=stage, entered_on=today - timedelta(days=320 + n))
    for n in range(6):
        customer = Customer.objects.create(name=f"Customer {n}")
        Deal.objects.create(
            reference=f"D{n}", title=f"Deal {n}", stage=stage, customer=customer, value=9000 if n == 0 else 100,
            entered_on=today - timedelta(days=150 if n == 0 else 5),
        )  # fmt: skip
        Invoice.objects.create(
            number=f"I{n}", customer=customer, issued_on=today, due_on=today, amount=70_000 if n == 1 else 1000
        )


@pytest.mark.django_db
def test_slipping_deals_and_few_customers_with_much_are_found_in_rows(cast: Cast) -> None:
    with tenant_scope(cast.acme.id):
        one_customer_holds_most(cast, Pipeline.objects.create(name="Sales"))
    wanted_look(cast)
    rows = open_ones(cast)
    (slipping,) = [one for one in rows if one.kind == "slipping"]
    assert slipping.title == "1 deal worth $9,000 sits in Quoted too long"
    with tenant_scope(cast.acme.id):
        assert slipping.about_id == Deal.objects.get(reference="D0").pk
    held = {one.title: one.persona for one in rows if one.kind == "concentration"}
    assert held == {
        "Customer 0 holds 95% of open deals": "cmo",
        "Customer 1 holds 93% of unpaid invoices": "cfo",
        "Customer 1 holds 93% of what was invoiced within a year": "ceo",
    }


@pytest.mark.django_db
def test_while_an_officer_is_off_another_is_told(cast: Cast) -> None:
    Persona.objects.exclude(key="cto").update(is_active=False)
    with tenant_scope(cast.acme.id):
        metric()
        one_customer_holds_most(cast, Pipeline.objects.create(name="Sales"))
    wanted_look(cast)
    assert {one.persona for one in open_ones(cast)} == {"cto"}


@pytest.mark.django_db
def test_what_a_persona_says_after_an_insight_has_its_figures_found(cast: Cast) -> None:
    with tenant_scope(cast.acme.id):
        metric()
        one_customer_holds_most(cast, Pipeline.objects.create(name="Sales"))
    wanted_look(cast)
    Persona.objects.update(insights=20)
    with tenant_scope(cast.acme.id):
        facts = ready("cfo", cast.acme.today()).facts
        knowledge = prepared(facts)
    assert len(facts.insights) == 5
    for insight in facts.insights:
        checker = Checker(knowledge, "")
        checker.read(f"{insight.title}. {insight.text}", final=True)
        assert [one.text for one in checker.findings if one.cls == "not_found"] == [], insight
        assert any(one.cls in ("found", "calculated") for one in checker.findings), insight


@pytest.mark.django_db
def test_payments_that_are_expected_much_later_than_a_week_ago_are_told_alone_or_together(cast: Cast) -> None:
    today = cast.acme.today()
    with tenant_scope(cast.acme.id):
        customer = Customer.objects.create(name="Halden")
        for n in range(5):
            Invoice.objects.create(
                number=f"I{n}", customer=customer, issued_on=today, due_on=today + timedelta(days=20), amount=500
            )
    wanted_look(cast)
    row = due(cast)
    assert row.foretold_on == today
    assert set(row.foretold) == {f"invoice:I{n}" for n in range(5)}
    for count, title in (
        (1, "expected 30 days later than before"),
        (5, "5 payments worth $2,500 are expected over two"),
    ):
        with tenant_scope(cast.acme.id):
            earlier = {
                key: (date.fromisoformat(day) - timedelta(days=30 if n < count else 0)).isoformat()
                for n, (key, day) in enumerate(sorted(row.foretold.items()))
            }
            InsightsDue.objects.update(foretold=earlier, foretold_on=today - timedelta(days=3))
        wanted_look(cast)
        assert [one.persona for one in open_ones(cast) if title in one.title] == ["cfo"]
    with tenant_scope(cast.acme.id):
        InsightsDue.objects.update(foretold_on=today - timedelta(days=7))
    wanted_look(cast)
    assert due(cast).foretold == row.foretold
    wanted_look(cast)
    assert [one for one in open_ones(cast) if one.kind == "slipping"] == []
