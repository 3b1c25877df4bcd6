"""Facts are read from the tenant's own rows, and from nobody else's."""

import json
from datetime import date
from decimal import Decimal

import pytest

from csuite.profiles import facts, figures
from csuite.profiles.models import BusinessProfile, Goal, Insight, Metric, MetricCause, MetricPoint
from csuite.profiles.records import to_json
from csuite.tenants.models import Tenant
from csuite.tenants.scope import ScopeError, tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
OCTOBER, SEPTEMBER = date(2026, 10, 1), date(2026, 9, 1)


def fill(tenant: Tenant, base: int) -> None:
    with tenant_scope(tenant.pk):
        profile = BusinessProfile.objects.create(
            version=base, status="published", people=base, currency="EUR", entries={"Lines": f"line {base}"}
        )
        revenue = Metric.objects.create(key="revenue", name="Revenue", unit="currency", is_key=True)
        margin = Metric.objects.create(
            key="margin", name="Margin", unit="percent", aggregation="weighted", weight=revenue, position=1
        )
        for period, value in ((SEPTEMBER, base), (OCTOBER, base + 1)):
            MetricPoint.objects.create(metric=revenue, period=period, value=value)
            MetricPoint.objects.create(metric=margin, period=period, value=base, line="Spares")
        MetricPoint.objects.create(metric=revenue, period=date(2026, 11, 1), value=base + 2, is_forecast=True)
        MetricPoint.objects.create(metric=revenue, period=date(2020, 1, 1), value=base + 3)
        for metric in (revenue, margin, None):
            Goal.objects.create(
                profile=profile,
                key=f"goal-{metric}".lower(),
                title=f"Goal {base}",
                metric=metric,
                target=base,
                unit="currency",
                start=SEPTEMBER,
                deadline=date(2026, 12, 31),
            )
        MetricCause.objects.create(metric=revenue, period=OCTOBER, cause=f"cause {base}", points=base)
        for persona in ("ceo", "cfo"):
            Insight.objects.create(
                kind="record",
                persona=persona,
                title=f"{persona} {base}",
                text="",
                found_on=OCTOBER,
                about_kind="metric",
                about_id=revenue.pk,
            )


@pytest.fixture
def filled(cast: Cast) -> Cast:
    fill(cast.acme, 7001)
    fill(cast.rival, 9001)
    return cast


def test_facts_hold_what_the_tenant_has(filled: Cast) -> None:
    with tenant_scope(filled.acme.pk):
        found = facts.facts_for(TODAY)
    revenue = found.metric("revenue")
    assert revenue is not None
    assert found.company.name == "Acme"
    assert found.company.version == 7001
    assert revenue.values == [7001, 7002]  # neither the forecast nor what is older than two years
    assert [point.value for point in revenue.forecast] == [Decimal(7003)]
    margin = found.metric("margin")
    assert margin is not None
    assert [point.value for point in margin.lines["Spares"]] == [7001, 7001]
    assert margin.weight == "revenue"
    assert len(found.goals) == 3
    assert found.causes[0].cause == "cause 7001"
    assert found.insights[0].about == "revenue"


def test_facts_of_one_tenant_hold_nothing_of_another(filled: Cast) -> None:
    with tenant_scope(filled.rival.pk):
        text = json.dumps(to_json(facts.facts_for(TODAY)))
    assert "9001" in text
    assert "700" not in text
    assert "Acme" not in text


def test_a_persona_gets_what_it_sees_and_what_nobody_claims(filled: Cast) -> None:
    others = [("CFO", ["margin"]), ("CMO", ["other", "margin"])]
    with tenant_scope(filled.acme.pk):
        found = facts.facts_for(TODAY, persona="ceo", sees=["x"], others=others, insight_limit=1)
    assert found.sees == ("revenue",)
    assert [(hidden.key, hidden.who) for hidden in found.elsewhere] == [("margin", "CFO")]
    assert {goal.metric for goal in found.goals} == {"revenue", None}
    assert [insight.title for insight in found.insights] == ["ceo 7001"]


def test_the_weight_of_a_metric_comes_along_without_being_seen(filled: Cast) -> None:
    with tenant_scope(filled.acme.pk):
        found = facts.facts_for(TODAY, sees=["margin"], others=[("CEO", ["revenue"])])
    assert found.sees == ("margin",)
    assert {series.key for series in found.metrics} == {"margin", "revenue"}


def test_who_sees_everything_is_asked_last(filled: Cast) -> None:
    with tenant_scope(filled.acme.pk):
        found = facts.facts_for(TODAY, sees=["margin"], others=[("Chair", []), ("CEO", ["revenue"])])
    assert [hidden.who for hidden in found.elsewhere] == ["CEO"]


def test_a_tenant_without_anything_has_empty_facts(cast: Cast) -> None:
    with tenant_scope(cast.acme.pk):
        found = facts.facts_for(TODAY)
        assert figures.key_figures(TODAY) == []
    assert found.company.name == "Acme"
    assert (found.metrics, found.goals, found.newest) == ((), (), None)


def test_only_a_published_profile_counts(filled: Cast) -> None:
    with tenant_scope(filled.acme.pk):
        BusinessProfile.objects.create(version=8000, status="draft")
        profile = facts.current_profile()
    assert profile is not None
    assert profile.version == 7001


def test_key_figures_are_the_marked_metrics_with_figures(filled: Cast) -> None:
    with tenant_scope(filled.acme.pk):
        assert [figure.label for figure in figures.key_figures(TODAY)] == ["Revenue"]


def test_facts_need_a_tenant_scope(cast: Cast) -> None:
    with pytest.raises(ScopeError):
        facts.facts_for(TODAY)


def test_rows_name_themselves(filled: Cast) -> None:
    with tenant_scope(filled.acme.pk):
        rows = [m.objects.first() for m in (BusinessProfile, Metric, MetricPoint, MetricCause, Goal, Insight)]
    assert [str(row) for row in rows][:2] == ["Profile, version 7001", "Revenue"]
    assert all(str(row) for row in rows)
