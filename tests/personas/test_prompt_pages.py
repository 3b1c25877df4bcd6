"""The admin's pages of a prompt: change it, see the difference, preview, try, publish, roll back."""

import re
from datetime import date

import pytest
from django.test import Client

from csuite import llm
from csuite.personas.catalogue import live_version
from csuite.personas.models import PromptVersion
from csuite.server.demo import load_demo
from csuite.tenants.models import PlatformAudit, Tenant, User
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
BASE = "/admin/personas/promptversion"


def first() -> PromptVersion:
    return PromptVersion.objects.get(name="persona.cfo", version=1)


def words(page: object) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())  # type: ignore[attr-defined]


def test_from_a_draft_to_live_and_back_in_the_browser(cast: Cast) -> None:
    browser = cast.client(cast.root)
    made = browser.post(f"{BASE}/{first().pk}/step/", {"step": "draft"}, follow=True)
    draft = PromptVersion.objects.get(name="persona.cfo", version=2)
    assert "New draft persona.cfo.v2, with the words of persona.cfo.v1" in words(made)
    form = {
        "note": "Shorter", "body": draft.body.replace("exact, dry", "brief, dry"), "tier": "standard",
        "requires": '["title", "today", "newest", "data"]', "temperature": "", "max_tokens": "",
    }  # fmt: skip
    bad = browser.post(f"{BASE}/{draft.pk}/change/", {**form, "body": form["body"] + "{{ api_key }}"})
    assert "api_key, which nobody gives it" in words(bad)
    assert browser.post(f"{BASE}/{draft.pk}/change/", form).status_code == 302
    compared = browser.get(f"{BASE}/{draft.pk}/compare/").content.decode()
    assert "<del>exact</del>" in compared
    assert "<ins>brief</ins>" in compared
    unexplained = browser.post(f"{BASE}/{draft.pk}/step/", {"step": "publish", "reason": ""}, follow=True)
    assert "Say why" in words(unexplained)
    published = browser.post(
        f"{BASE}/{draft.pk}/step/", {"step": "publish", "reason": "Too long so far", "seen": first().pk}, follow=True
    )
    assert "Live now: persona.cfo.v2" in words(published)
    assert live_version("persona.cfo") == draft
    assert 'name="body"' not in browser.get(f"{BASE}/{draft.pk}/change/").content.decode(), "it is only shown now"
    back = browser.post(
        f"{BASE}/{draft.pk}/step/", {"step": "roll_back", "reason": "Too dry", "seen": draft.pk}, follow=True
    )
    assert "Live again: persona.cfo.v1" in words(back)
    assert "Too dry" in words(back)
    assert live_version("persona.cfo") == first()


def test_a_preview_shows_a_companys_figures_and_the_look_is_written_down() -> None:
    load_demo(date(2026, 11, 20), "correct horse battery")
    tenant, root = Tenant.objects.get(slug="northwind"), User.objects.get(is_superuser=True)
    browser = Client()
    browser.force_login(root)
    page = browser.get(f"{BASE}/{first().pk}/preview/", {"tenant": str(tenant.pk), "question": "Why?"})
    assert "Northwind" in words(page)
    assert re.search(r"About \d+ tokens, as the CFO", words(page))
    looks = PlatformAudit.objects.filter(action="platform_scope", user=root)
    assert any("preview of persona.cfo.v1 for northwind" in look.detail["reason"] for look in looks)


def test_a_prompt_that_no_officer_speaks_with_is_previewed_with_examples(cast: Cast) -> None:
    version = PromptVersion.objects.get(name="email.followup")
    page = cast.client(cast.root).get(f"{BASE}/{version.pk}/preview/", {"tenant": str(cast.acme.pk)})
    assert "Halden Paper" in words(page)
    assert "with example values" in words(page)


@pytest.mark.django_db(transaction=True)
def test_a_test_run_asks_a_model_for_the_platform(cast: Cast) -> None:
    with llm.scripted.answers("Freight, mix and price.") as play:
        page = cast.client(cast.root).post(
            f"{BASE}/{first().pk}/preview/", {"tenant": str(cast.acme.pk), "question": "Why did margin fall?"}
        )
    assert "Freight, mix and price." in words(page)
    (call,) = play.calls
    assert call.messages[-1].text == "Why did margin fall?"
    assert call.labels["tenant"] == str(Tenant.objects.get(slug="csuite").pk)
    assert (call.labels["kind"], call.labels["prompt_version"]) == ("prompt_test", "persona.cfo.v1")


@pytest.mark.django_db(transaction=True)
def test_a_test_run_that_fails_says_why(cast: Cast) -> None:
    with llm.scripted.answers(llm.scripted.Answer(error="overloaded")):
        page = cast.client(cast.root).post(f"{BASE}/{first().pk}/preview/", {"tenant": str(cast.acme.pk)})
    assert llm.errors.KINDS["overloaded"].sentence in words(page)


def test_one_company_gets_its_own_version_and_goes_back(cast: Cast) -> None:
    browser = cast.client(cast.root)
    step = f"{BASE}/{first().pk}/step/"
    assert "Choose a company" in words(browser.post(step, {"step": "choose", "reason": "x"}, follow=True))
    chosen = browser.post(step, {"step": "choose", "tenant": str(cast.acme.pk), "reason": "Asked"}, follow=True)
    assert "Acme speaks with persona.cfo.v1" in words(chosen)
    gone = browser.post(step, {"step": "follow", "tenant": str(cast.acme.pk), "reason": "Done"}, follow=True)
    assert "Acme speaks with what is live again" in words(gone)
    assert "There is no such step" in words(browser.post(step, {"step": "explode"}, follow=True))


def test_a_persona_is_switched_off_and_never_deleted(cast: Cast) -> None:
    browser = cast.client(cast.root)
    assert browser.get("/admin/personas/persona/").status_code == 200
    assert browser.get("/admin/personas/persona/1/delete/").status_code in (302, 403)
    assert browser.get(f"{BASE}/add/").status_code == 403
    assert browser.get(f"{BASE}/abc/change/").status_code == 302


def test_the_name_under_an_answer_leads_to_its_version(cast: Cast) -> None:
    browser = cast.client(cast.root)
    assert browser.get(f"{BASE}/named/persona.cfo.v1/")["Location"] == f"{BASE}/{first().pk}/change/"
    for wrong in ("persona.cfo.v9", "persona.cfo", "v1", "persona.cfo.v" + "9" * 30):
        assert browser.get(f"{BASE}/named/{wrong}/").status_code == 404
