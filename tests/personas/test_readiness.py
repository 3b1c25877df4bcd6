"""What is kept between questions is right, nobody else's, and gone as soon as something changes."""

from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from csuite.personas import readiness
from csuite.personas.asking import Asked, prepare
from csuite.personas.models import CatalogueVersion, Persona, PromptVersion
from csuite.profiles.models import BusinessProfile, DataVersion, Metric, MetricPoint
from csuite.tenants.models import Tenant
from csuite.tenants.scope import platform_scope, tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
QUESTION = "Why did gross margin fall, and can we still reach 41%?"


@pytest.fixture(autouse=True)
def companies(cast: Cast) -> Iterator[Cast]:
    """Acme and Rival, each with its name in its figures."""
    readiness.forget()
    for tenant, base in ((cast.acme, 31), (cast.rival, 77)):
        with tenant_scope(tenant.pk):
            BusinessProfile.objects.create(status="published", industry=f"{tenant.name} things", entries={"A": "b"})
            for key in ("revenue", "gross_margin_pct", "sessions"):
                metric = Metric.objects.create(key=key, name=key.replace("_", " "), unit="percent")
                for month in (9, 10):
                    MetricPoint.objects.create(metric=metric, period=date(2026, month, 1), value=base + month)
                MetricPoint.objects.create(metric=metric, period=date(2026, 10, 1), value=base, line=tenant.name)
    yield cast
    readiness.forget()


def asked(slug: str = "acme", persona: str = "cfo", question: str = QUESTION, today: date = TODAY) -> Asked:
    with tenant_scope(Tenant.objects.get(slug=slug).pk):
        return prepare(persona, question, [], today)


def same(one: Asked, other: Asked) -> bool:
    return (one.messages, dict(one.facts), one.prompt_version) == (
        other.messages,
        dict(other.facts),
        other.prompt_version,
    )


def test_the_second_question_reads_one_row(django_assert_num_queries: Any) -> None:
    tenant = Tenant.objects.get(slug="acme")
    with tenant_scope(tenant.pk):
        prepare("cfo", "Hello", [], TODAY)
        with django_assert_num_queries(1):
            prepare("cfo", QUESTION, [("user", None, "Hello")], TODAY)


def test_what_is_kept_is_what_would_be_built() -> None:
    warm = [asked(), asked()][1]
    readiness.forget()
    assert same(warm, asked())


def test_tenants_in_turn_are_each_given_their_own() -> None:
    for _ in range(2):
        for slug, own, other in (("acme", "Acme", "Rival"), ("rival", "Rival", "Acme")):
            found = asked(slug)
            assert own in found.messages[0].text
            assert other not in found.messages[0].text + str(dict(found.facts))


def test_a_changed_figure_is_in_the_next_answer() -> None:
    before = asked()
    with tenant_scope(Tenant.objects.get(slug="acme").pk):
        MetricPoint.objects.filter(metric__key="gross_margin_pct", line="").update(value=12)
    after = asked()
    assert "12.0%" in after.messages[0].text
    assert not same(before, after)


def test_a_company_that_changes_its_name_is_called_by_it() -> None:
    asked()
    Tenant.objects.filter(slug="acme").update(name="Zenith")
    assert asked().facts["company"]["name"] == "Zenith"


def test_what_an_administrator_changes_holds_for_the_next_question() -> None:
    asked()
    Persona.objects.filter(key="cfo").update(title="Treasurer")
    assert "Treasurer" in asked().messages[0].text
    old = PromptVersion.objects.get(name="persona.cfo")
    PromptVersion.objects.create(
        name=old.name,
        version=2,
        body="New words. {{ title }} {{ today }} {{ newest }} {{ data }}",
        requires=old.requires,
        temperature=1,
        max_tokens=9,
        status="published",
    )
    found = asked()
    assert found.messages[0].text.startswith("New words.")
    assert (found.prompt_version, found.max_tokens, found.temperature) == ("persona.cfo.v2", 9, 1.0)


def test_the_next_day_is_another_one() -> None:
    asked()
    assert asked(today=TODAY + timedelta(days=1)).facts["today"] == "2026-11-21"


def test_each_officer_has_its_own() -> None:
    assert asked(persona="cmo").facts["sees"] != asked(persona="cfo").facts["sees"]
    assert [asked(persona=key).facts["persona"]["key"] for key in ("cmo", "cfo")] == ["cmo", "cfo"]


def test_nobody_can_change_what_is_kept() -> None:
    found: Any = asked()
    found.facts["company"]["name"] = "Mine"
    found.facts["metrics"].clear()
    assert asked().facts["company"]["name"] == "Acme"
    assert asked().facts["metrics"]
    with tenant_scope(Tenant.objects.get(slug="acme").pk):
        kept: Any = readiness.ready("cfo", TODAY)
    with pytest.raises(FrozenInstanceError):
        kept.facts.company.name = "Mine"
    for mapping in (
        kept.officer,
        kept.names,
        kept.facts.company.entries,
        kept.brief.variables,
        *(s.lines for s in kept.facts.metrics),
    ):
        with pytest.raises(TypeError):
            mapping["x"] = "y"


@pytest.mark.parametrize("uncounted", ["data", "catalogue"])
def test_without_a_version_nothing_is_kept(uncounted: str) -> None:
    with platform_scope("test"):
        (DataVersion if uncounted == "data" else CatalogueVersion).objects.all().delete()
    asked()
    assert readiness._kept.cache_info().currsize == 0
    tenant = Tenant.objects.get(slug="acme")
    with tenant_scope(tenant.pk):
        MetricPoint.objects.filter(metric__key="gross_margin_pct", line="").update(value=12)
    assert "12.0%" in asked().messages[0].text


def test_a_rolled_back_change_leaves_nothing() -> None:
    before = asked()
    with tenant_scope(Tenant.objects.get(slug="acme").pk):
        with transaction.atomic():
            MetricPoint.objects.filter(line="").update(value=12)
            assert not same(before, prepare("cfo", QUESTION, [], TODAY))
            transaction.set_rollback(True)
        assert same(before, prepare("cfo", QUESTION, [], TODAY))
