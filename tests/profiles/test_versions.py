"""The data version moves with every change of what facts are made of, however it is made, for that tenant alone."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction

from csuite.profiles.models import BusinessProfile, DataVersion, Goal, Insight, Metric, MetricCause, MetricPoint
from csuite.profiles.models.version import data_version
from csuite.tenants.models import Tenant, User
from csuite.tenants.scope import platform_scope, tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1)


def version_of(tenant: Tenant) -> int:
    with tenant_scope(tenant.id):
        found = data_version()
    assert found is not None
    return found


@pytest.fixture
def filled(cast: Cast) -> Cast:
    for tenant in (cast.acme, cast.rival):
        with tenant_scope(tenant.id):
            profile = BusinessProfile.objects.create(status="published")
            metric = Metric.objects.create(key="revenue", name="Revenue", unit="currency", owner=cast.alice)
            MetricPoint.objects.create(metric=metric, period=OCTOBER, value=1)
            MetricCause.objects.create(metric=metric, period=OCTOBER, cause="c")
            Goal.objects.create(
                profile=profile, key="g", title="g", target=1, unit="count", start=OCTOBER, deadline=OCTOBER
            )
            Insight.objects.create(kind="record", persona="cfo", title="t", text="", found_on=OCTOBER)
    return cast


def raw(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


CHANGES: dict[str, Callable[[], object]] = {
    "a saved point": lambda: MetricPoint.objects.get().save(),
    "a new metric": lambda: Metric.objects.create(key="b", name="B", unit="count"),
    "points in bulk": lambda: MetricPoint.objects.bulk_update([*MetricPoint.objects.all()], ["value"]),
    "an update of many": lambda: MetricCause.objects.update(cause="d"),
    "a deletion": lambda: Goal.objects.all().delete(),
    "a draft profile": lambda: BusinessProfile.objects.create(version=9),
    "a published profile": lambda: BusinessProfile.objects.update(status="draft"),
    "an insight": lambda: Insight.objects.update(title="u"),
    "plain SQL": lambda: raw("UPDATE profiles_metricpoint SET value = 7"),
    "its cascade": lambda: Metric.objects.all().delete(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_moves_the_version_of_its_tenant_only(filled: Cast, change: Callable[[], object]) -> None:
    mine, others = version_of(filled.acme), version_of(filled.rival)
    with tenant_scope(filled.acme.id):
        change()
    assert version_of(filled.acme) != mine
    assert version_of(filled.rival) == others


def test_a_change_across_tenants_moves_those_it_touched(filled: Cast) -> None:
    mine, others = version_of(filled.acme), version_of(filled.rival)
    with platform_scope("test"):
        MetricPoint.objects.filter(tenant=filled.acme).update(value=3)
        assert version_of(filled.rival) == others
        assert version_of(filled.acme) != mine
        Insight.objects.all().delete()
        Metric.objects.create(tenant=filled.rival, key="b", name="B", unit="count")
    assert version_of(filled.rival) != others


def test_the_tenants_name_and_currency_count_and_its_plan_does_not(filled: Cast) -> None:
    before = version_of(filled.acme)
    Tenant.objects.filter(id=filled.acme.id).update(plan="large")
    assert version_of(filled.acme) == before
    Tenant.objects.filter(id=filled.acme.id).update(name="Acme Inc")
    named = version_of(filled.acme)
    assert named != before
    Tenant.objects.filter(id=filled.acme.id).update(currency="EUR")
    assert version_of(filled.acme) != named


def test_the_name_of_a_metrics_owner_counts(filled: Cast) -> None:
    before = version_of(filled.acme)
    User.objects.filter(id=filled.bob.id).update(name="Robert")
    User.objects.filter(id=filled.alice.id).update(is_staff=True)
    assert version_of(filled.acme) == before
    User.objects.filter(id=filled.alice.id).update(name="Alicia")
    assert version_of(filled.acme) != before


def test_what_was_rolled_back_never_gives_its_number_to_another_state(filled: Cast) -> None:
    with tenant_scope(filled.acme.id):
        before = data_version()
        try:
            with transaction.atomic():
                MetricPoint.objects.update(value=2)
                burnt = data_version()
                raise LookupError
        except LookupError:
            pass
        assert data_version() == before
        MetricPoint.objects.update(value=3)
        assert data_version() not in (before, burnt)


def test_a_change_brings_no_version_back_so_that_a_tenant_can_be_deleted_in_any_order(filled: Cast) -> None:
    with platform_scope("test"):
        DataVersion.objects.filter(tenant=filled.rival).delete()
        MetricPoint.objects.filter(tenant=filled.rival).delete()
    with tenant_scope(filled.rival.id):
        Metric.objects.all().delete()
        assert data_version() is None


def test_a_scope_sees_its_own_version_alone(filled: Cast) -> None:
    with tenant_scope(filled.acme.id), connection.cursor() as cursor:
        cursor.execute("SELECT tenant_id FROM profiles_dataversion")
        assert cursor.fetchall() == [(filled.acme.id,)]
