"""`/api/v1/admin/flags` and the page of features (csuite/tenants/flag_api.py, flag_settings.py)."""

from typing import Any

import pytest
from django.test import Client, override_settings

from csuite.tenants import tokens
from csuite.tenants.flags import is_active_for
from csuite.tenants.models import AuditEntry, Flag, FlagOverride, PlatformAudit, User
from csuite.tenants.scope import platform_scope, tenant_scope
from tests.conftest import PASSWORD, Cast

pytestmark = pytest.mark.django_db
FLAGS = "/api/v1/admin/flags"


@pytest.fixture(autouse=True)
def _two(cast: Cast) -> None:
    Flag(name="left", note="Left to companies.", superusers=False, tenant_settable=True).save()
    Flag(name="kept", note="The platform's.", superusers=False).save()


def put(browser: Client, **body: Any) -> Any:
    return browser.put(FLAGS, body, content_type="application/json")


def test_staff_see_all_and_an_admin_what_is_left_to_her(cast: Cast) -> None:
    assert {one["name"] for one in cast.client(cast.root).get(FLAGS).json()} >= {"left", "kept", "llm-off"}
    mine = {one["name"]: one for one in cast.client(cast.alice).get(FLAGS).json()}
    assert mine["left"] == {"name": "left", "note": "Left to companies.", "on": False, "chosen": None}
    assert mine.keys().isdisjoint({"kept", "llm-off"})


@pytest.mark.parametrize("who", ["bob", "fiona", "charlie"])
def test_others_see_and_set_nothing(cast: Cast, who: str) -> None:
    browser = cast.client(getattr(cast, who))
    assert browser.get(FLAGS).status_code == 403
    assert put(browser, name="left", on=True).status_code == 403
    assert not is_active_for("left", cast.acme, cast.bob)


def test_staff_set_every_part_and_it_is_written_down(cast: Cast) -> None:
    browser = cast.client(cast.root)
    answer = put(
        browser,
        name="kept",
        percent="12.5",
        tenants=["acme"],
        users=["charlie@rival.example"],
        owner="Root",
        expires_at="2099-01-01T00:00:00Z",
    )
    assert answer.status_code == 200
    assert answer.json() | {"on": False} == {
        "name": "kept", "on": False, "expired": False, "everyone": None, "percent": "12.5", "tenants": ["acme"],
        "users": ["charlie@rival.example"], "groups": [], "staff": False, "superusers": False, "authenticated": False,
        "tenant_settable": False, "owner": "Root", "expires_at": "2099-01-01T00:00:00Z", "note": "The platform's.",
    }  # fmt: skip
    assert is_active_for("kept", cast.rival, cast.charlie), "named"
    entry = PlatformAudit.objects.filter(action="flag.set")[0]
    assert entry.user == cast.root
    assert (entry.detail["before"]["tenants"], entry.detail["after"]["tenants"]) == ([], ["acme"])
    put(browser, name="kept", tenants=[], users=[], percent=None)
    assert not is_active_for("kept", cast.rival, cast.charlie)
    assert put(browser, name="kept", percent=None).status_code == 200
    assert PlatformAudit.objects.filter(action="flag.set").count() == 2  # nothing changed, nothing written


def test_staff_make_a_flag(cast: Cast) -> None:
    assert put(cast.client(cast.root), name="new", everyone=True).status_code == 200
    assert is_active_for("new", None, None)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "kept", "users": ["nobody@nowhere.example"]},
        {"name": "kept", "percent": "100"},
        {"name": "kept", "percent": "-1"},
        {"name": "kept", "on": True},
        {"name": "kept", "surprise": True},
        {"name": "kept", "expires_at": "2099-01-01T00:00:00"},
        {"percent": "1"},
    ],
)
def test_what_makes_no_sense_changes_nothing(cast: Cast, body: dict[str, Any]) -> None:
    before = Flag.objects.values().get(name="kept")
    assert put(cast.client(cast.root), **body).status_code == 400
    assert Flag.objects.values().get(name="kept") == before


def test_an_admin_sets_what_is_left_to_her_for_her_company_alone(cast: Cast) -> None:
    browser = cast.client(cast.alice)
    assert put(browser, name="left", on=True).json()["on"] is True
    assert is_active_for("left", cast.acme, cast.bob)
    assert not is_active_for("left", cast.rival, cast.charlie)
    with tenant_scope(cast.acme.id):
        entry = AuditEntry.objects.get(action="flag.set")
        assert entry.detail == {"before": {"on": None}, "after": {"on": True}}
        assert FlagOverride.objects.get().set_by == cast.alice
    assert put(browser, name="left", on=None).json()["chosen"] is None
    assert not is_active_for("left", cast.acme, cast.bob)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "kept", "on": True},
        {"name": "nothing", "on": True},
        {"name": "left", "everyone": True},
        {"name": "left", "on": True, "tenants": ["rival"]},
        {"name": "left", "on": True, "tenant_settable": True},
    ],
)
def test_an_admin_sets_nothing_else(cast: Cast, body: dict[str, Any]) -> None:
    assert put(cast.client(cast.alice), **body).status_code in (403, 404)
    with platform_scope("test"):
        assert not FlagOverride.objects.exists()


def test_a_token_acts_for_a_company_and_never_for_the_platform(cast: Cast) -> None:
    User.objects.filter(pk=cast.alice.pk).update(is_staff=True, is_superuser=True)
    secret = tokens.make(cast.member(cast.alice), "Report")[1]
    headers = {"Authorization": f"Bearer {secret}"}
    names = {one["name"] for one in Client().get(FLAGS, headers=headers).json()}
    assert "left" in names
    assert names.isdisjoint({"kept", "llm-off"})


def test_staff_without_the_right_or_the_second_step_are_nobody_here(cast: Cast) -> None:
    helper = User.objects.create_user("helper@csuite.example", PASSWORD, is_staff=True)
    assert cast.client(helper).get(FLAGS).status_code == 403
    with override_settings(HTTPS=True):
        assert cast.client(cast.root).get(FLAGS).status_code == 403


def test_a_session_needs_the_csrf_token(cast: Cast) -> None:
    assert put(cast.client(cast.alice, enforce_csrf_checks=True), name="left", on=True).status_code == 403
    assert not is_active_for("left", cast.acme, cast.bob)


def test_the_page_of_features_sets_them_too(cast: Cast) -> None:
    browser = cast.client(cast.alice)
    page = browser.get("/people/flags/").content.decode()
    assert "Left to companies." in page
    assert "The platform&#x27;s." not in page
    assert browser.post("/people/flags/", {"name": "left", "set": "on"}).status_code == 302
    assert is_active_for("left", cast.acme, cast.bob)
    assert browser.post("/people/flags/", {"name": "left", "set": "default"}).status_code == 302
    assert not is_active_for("left", cast.acme, cast.bob)
    assert browser.post("/people/flags/", {"name": "kept", "set": "on"}).status_code == 404
