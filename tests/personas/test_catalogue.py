"""Personas and prompts are there after a migration and then belong to the administrators."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from csuite.personas.asking import prepare
from csuite.personas.catalogue import UnknownPersona, all_personas, persona, published_prompt
from csuite.personas.models import Persona, PromptVersion
from csuite.personas.seeds import seed_after_migrate
from csuite.server.demo import load_demo
from csuite.tenants.models import Tenant
from csuite.tenants.scope import ScopeError, tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


def test_four_officers_can_be_asked() -> None:
    assert [officer.key for officer in all_personas()] == ["ceo", "cfo", "cmo", "cto"]
    cfo = persona("cfo")
    assert (cfo.name, cfo.byline, cfo.hue, str(cfo)) == ("CFO", "Finance", "cfo", "CFO")
    assert cfo.role_line == "Margin, cash, forecasts, risk"
    assert all(officer.questions for officer in all_personas())
    assert persona("ceo").insights == 3


def test_seeding_again_keeps_what_an_administrator_changed() -> None:
    Persona.objects.filter(key="cfo").update(name="Finance", is_active=False)
    PromptVersion.objects.filter(name="persona.cfo").update(status="retired", body="{{ data }}")
    seed_after_migrate(using="default")
    assert Persona.objects.get(key="cfo").name == "Finance"
    assert PromptVersion.objects.get(name="persona.cfo").status == "retired"
    assert Persona.objects.count() == 4


def test_a_persona_that_is_switched_off_cannot_be_asked() -> None:
    Persona.objects.filter(key="cfo").update(is_active=False)
    with pytest.raises(UnknownPersona):
        persona("cfo")
    with pytest.raises(UnknownPersona):
        persona("nobody")


def test_the_newest_published_version_of_a_prompt_speaks() -> None:
    first = published_prompt("persona.cfo")
    assert first.identifier == str(first) == "persona.cfo.v1"
    fields = {"body": first.body, "requires": first.requires, "temperature": 1, "max_tokens": 9}
    PromptVersion.objects.create(name="persona.cfo", version=3, status="draft", **fields)
    second = PromptVersion.objects.create(name="persona.cfo", version=2, status="published", **fields)
    assert published_prompt("persona.cfo") == second
    second.status = "retired"
    second.save()
    assert published_prompt("persona.cfo") == first
    with pytest.raises(PromptVersion.DoesNotExist):
        published_prompt("persona.nobody")


def test_a_published_prompt_keeps_its_words_and_none_can_do_harm() -> None:
    prompt = published_prompt("persona.cfo")
    prompt.body += " More: {{ data }}"
    with pytest.raises(ValidationError, match="write a new version"):
        prompt.save()
    fields = {"name": "persona.cfo", "version": 2, "temperature": 1, "max_tokens": 9, "requires": []}
    draft = PromptVersion.objects.create(body="Hello", **fields)
    draft.body = "Hello again"
    draft.save()
    draft.body = "{{ 2 ** 9999 }}"
    with pytest.raises(ValidationError, match="not allowed"):
        draft.save()


def test_a_prepared_question_holds_everything_a_call_needs() -> None:
    load_demo(TODAY, "correct horse battery")
    history = [("user", None, "Hello"), ("assistant", "ceo", "Good morning"), ("user", None, "And?")]
    with tenant_scope(Tenant.objects.get(slug="northwind").pk):
        asked = prepare("cfo", "Can we still reach 41%?", history, TODAY)
    assert [message.role for message in asked.messages] == ["system", "user", "assistant", "user", "user"]
    assert asked.messages[2].text == "[The CEO answered:]\nGood morning"
    assert asked.messages[-1].text == "Can we still reach 41%?"
    assert "Worked out for this question" in asked.messages[0].text
    assert (asked.prompt_version, asked.tier, asked.max_tokens) == ("persona.cfo.v1", "standard", None)
    assert asked.facts["persona"]["key"] == "cfo"
    assert asked.facts["company"]["name"] == "Northwind Instruments"
    assert len(asked.facts["insights"]) == 2


def test_each_officer_is_given_other_figures() -> None:
    load_demo(TODAY, "correct horse battery")
    with tenant_scope(Tenant.objects.get(slug="northwind").pk):
        seen = {key: prepare(key, "Hello", [], TODAY).facts for key in ("ceo", "cfo", "cmo", "cto")}
    assert len({tuple(facts["sees"]) for facts in seen.values()}) == 4
    assert "dso" not in seen["cmo"]["sees"]
    hidden = {row["key"]: row["who"] for row in seen["cmo"]["elsewhere"]}
    assert hidden["dso"] == "CFO"
    assert len(seen["ceo"]["insights"]) == 3


def test_prompts_of_one_tenant_hold_nothing_of_another() -> None:
    load_demo(TODAY, "correct horse battery")
    for slug, stranger in (("rival", "Northwind"), ("northwind", "Rival")):
        with tenant_scope(Tenant.objects.get(slug=slug).pk):
            text = prepare("cfo", "How are we doing?", [], TODAY).messages[0].text
        assert stranger not in text


def test_a_tenant_without_figures_can_ask_too(cast: Cast) -> None:
    with tenant_scope(cast.acme.pk):
        asked = prepare("cfo", "Why?", [], TODAY)
    assert "none yet" in asked.messages[0].text
    assert asked.facts["metrics"] == []


def test_asking_needs_a_tenant_scope_and_a_persona(cast: Cast) -> None:
    with pytest.raises(ScopeError):
        prepare("cfo", "Why?", [], TODAY)
    with tenant_scope(cast.acme.pk), pytest.raises(UnknownPersona):
        prepare("nobody", "Why?", [], TODAY)
