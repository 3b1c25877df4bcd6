"""What a tenant admin does with people (csuite/tenants/people.py), and that it holds at once."""

from typing import Any
from uuid import uuid4

import pytest

from csuite.tenants import tokens
from csuite.tenants.models import ApiToken, AuditEntry, Membership, Role, User
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def act(cast: Cast, who: User, do: str, **more: str) -> Any:
    return cast.client(cast.alice).post(f"/people/{cast.member(who).pk}/", {"do": do, **more})


def entries(cast: Cast) -> list[AuditEntry]:
    with tenant_scope(cast.acme.id):
        return list(AuditEntry.objects.order_by("at"))


def test_the_page_lists_the_company_and_nobody_else(cast: Cast) -> None:
    page = cast.client(cast.alice).get("/people/").content.decode()
    assert all(person.email in page for person in (cast.alice, cast.bob, cast.fiona))
    assert cast.charlie.email not in page
    assert cast.client(cast.alice).get("/").content.decode().count('href="/people/"') == 1
    assert 'href="/people/"' not in cast.client(cast.bob).get("/").content.decode()


def test_last_seen_and_the_second_factor_are_shown(cast: Cast) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(cast.bob, generate_totp_secret())
    assert cast.member(cast.bob).last_seen_at is None
    cast.client(cast.bob).get("/")
    seen = cast.member(cast.bob).last_seen_at
    assert seen is not None
    cast.client(cast.bob).get("/")
    assert cast.member(cast.bob).last_seen_at == seen  # not written with every request
    page = cast.client(cast.alice).get(f"/people/{cast.member(cast.bob).pk}/").content.decode()
    assert "two-step sign-in on" in page


def test_role_and_title_change_with_before_and_after_in_the_audit(cast: Cast) -> None:
    assert act(cast, cast.bob, "change", role="finance", title="  Head of  Finance ").status_code == 302
    member = cast.member(cast.bob)
    assert (member.role, member.title) == ("finance", "Head of Finance")
    entry = entries(cast)[-1]
    assert (entry.action, entry.user, entry.target) == ("member.changed", cast.alice, str(member.pk))
    assert entry.detail["before"] == {"role": "executive", "title": ""}
    assert entry.detail["after"] == {"role": "finance", "title": "Head of Finance"}


def test_a_new_role_holds_with_the_next_request(cast: Cast) -> None:
    browser = cast.client(cast.bob)
    assert browser.get("/usage/").status_code == 403
    act(cast, cast.bob, "change", role="finance", title="")
    assert browser.get("/usage/").status_code == 200
    act(cast, cast.bob, "change", role="executive", title="")
    assert browser.get("/usage/").status_code == 403


def test_nothing_changed_is_nothing_written(cast: Cast) -> None:
    act(cast, cast.bob, "change", role="executive", title="")
    act(cast, cast.bob, "reactivate")
    assert entries(cast) == []


@pytest.mark.parametrize("deed", ["deactivate", "remove"])
def test_every_way_in_ends_at_once(cast: Cast, deed: str) -> None:
    """THREATS T7: page, API by session, token."""
    browser, member = cast.client(cast.bob), cast.member(cast.bob)
    secret = tokens.make(member, "Report")[1]
    program = {"Authorization": f"Bearer {secret}"}
    assert browser.get("/conversations/").status_code == 200
    assert cast.client().get("/api/v1/limits", headers=program).status_code == 200
    assert act(cast, cast.bob, deed).status_code == 302
    assert browser.get("/conversations/").status_code == 403
    assert browser.get("/api/v1/limits").status_code == 403
    assert cast.client().get("/api/v1/limits", headers=program).status_code in (401, 403)
    assert entries(cast)[-1].action == f"member.{deed}d" if deed == "remove" else "member.deactivated"


def test_who_comes_back_has_the_same_rights_again(cast: Cast) -> None:
    secret = tokens.make(cast.member(cast.bob), "Report")[1]
    act(cast, cast.bob, "deactivate")
    assert "Deactivated" in cast.client(cast.alice).get("/people/").content.decode()
    act(cast, cast.bob, "reactivate")
    assert cast.client(cast.bob).get("/conversations/").status_code == 200
    headers = {"Authorization": f"Bearer {secret}"}
    assert cast.client().get("/api/v1/limits", headers=headers).status_code == 200


def test_who_is_removed_is_off_the_list_and_comes_back_by_invitation_only(cast: Cast) -> None:
    tokens.make(cast.member(cast.bob), "Report")
    member = cast.member(cast.bob)
    act(cast, cast.bob, "remove")
    browser = cast.client(cast.alice)
    assert cast.bob.email not in browser.get("/people/").content.decode()
    assert browser.post(f"/people/{member.pk}/", {"do": "reactivate"}).status_code == 404
    assert ApiToken.objects.get(membership=member).revoked_at is not None
    assert browser.post("/people/", {"email": cast.bob.email, "role": "executive"}).status_code == 302


def test_a_deactivated_person_keeps_her_other_company(cast: Cast) -> None:
    Membership.objects.create(user=cast.bob, tenant=cast.rival, role=Role.EXECUTIVE)
    browser = cast.client(cast.bob)
    member = Membership.objects.get(user=cast.bob, tenant=cast.acme)
    cast.client(cast.alice).post(f"/people/{member.pk}/", {"do": "deactivate"})
    page = browser.get("/conversations/")
    assert page.status_code == 200
    assert "Rival" in page.content.decode()


@pytest.mark.parametrize(
    ("deed", "more"),
    [("deactivate", {}), ("remove", {}), ("change", {"role": "executive", "title": ""})],
)
def test_a_company_keeps_an_active_admin(cast: Cast, deed: str, more: dict[str, str]) -> None:
    answer = act(cast, cast.alice, deed, **more)
    assert answer.status_code == 403
    assert "at least one active admin" in answer.content.decode()
    assert cast.member(cast.alice).holds
    act(cast, cast.fiona, "change", role="admin", title="")
    assert act(cast, cast.alice, deed, **more).status_code == 302


def test_an_admin_who_cannot_sign_in_does_not_count_as_the_one_that_is_left(cast: Cast) -> None:
    act(cast, cast.fiona, "change", role="admin", title="")
    User.objects.filter(pk=cast.fiona.pk).update(is_active=False)
    assert act(cast, cast.alice, "remove").status_code == 403


def test_people_of_another_company_do_not_exist(cast: Cast) -> None:
    browser = cast.client(cast.alice)
    for member in (cast.member(cast.charlie).pk, uuid4()):
        assert browser.get(f"/people/{member}/").status_code == 404
        assert browser.post(f"/people/{member}/", {"do": "deactivate"}).status_code == 404
    assert cast.member(cast.charlie).holds


def test_an_unknown_role_or_deed_changes_nothing(cast: Cast) -> None:
    assert act(cast, cast.bob, "promote").status_code == 400
    assert act(cast, cast.bob, "change", role="owner", title="").status_code == 400
    assert cast.member(cast.bob).role == "executive"


def test_plan_and_limits_are_shown(cast: Cast) -> None:
    page = cast.client(cast.alice).get("/people/plan/").content.decode()
    assert "Questions of the company" in page
    assert "15 minutes" in page
