"""Invitations (csuite/tenants/invitations.py, joining.py): one letter, one company, one address, one use."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from csuite.tenants import invitations
from csuite.tenants.models import AuditEntry, Invitation, Membership, Role, User
from csuite.tenants.problems import Problem
from csuite.tenants.scope import platform_scope, tenant_scope
from tests.conftest import PASSWORD, Cast, visible

pytestmark = pytest.mark.django_db

NEW = {"name": "Nora", "password1": PASSWORD, "password2": PASSWORD}


def send(cast: Cast, email: str = "nora@acme.example", role: str = "finance", **more: str) -> Any:
    return cast.client(cast.alice).post("/people/", {"email": email, "role": role, "title": "", **more})


def letter() -> str:
    """The path of the link in the last letter."""
    found = re.search(r"https?://[^/]+(/invitations/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def invited(cast: Cast, run: Any, **more: str) -> str:
    with run(execute=True):
        send(cast, **more)
    return letter()


def rows() -> list[Invitation]:
    with platform_scope("test"):
        return list(Invitation.objects.all())


def test_an_admin_invites_and_a_new_person_joins_in_that_role(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    link = invited(cast, django_capture_on_commit_callbacks, email=" Nora@Acme.example ", title="Controller")
    assert mail.outbox[-1].to == ["nora@acme.example"]
    assert "Alice" in mail.outbox[-1].subject
    stranger = Client()
    assert stranger.get(link).status_code == 200
    done = stranger.post(link, NEW)
    assert done["Location"] == "/accounts/login/"
    assert "_auth_user_id" not in stranger.session
    member = Membership.objects.get(user__email="nora@acme.example")
    assert (member.tenant, member.role, member.title, member.user.name) == (cast.acme, "finance", "Controller", "Nora")
    assert Client().post("/accounts/login/", {"login": member.user.email, "password": PASSWORD}).status_code == 302
    with tenant_scope(cast.acme.id):
        assert [entry.action for entry in AuditEntry.objects.order_by("at")] == [
            "invitation.sent",
            "invitation.accepted",
        ]


def test_a_link_works_once(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    link = invited(cast, django_capture_on_commit_callbacks)
    assert Client().post(link, NEW).status_code == 302
    assert Client().post(link, NEW).status_code == 404
    assert Client().get(link).status_code == 404
    assert User.objects.filter(email="nora@acme.example").count() == 1


def test_opening_a_link_uses_nothing_up(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    link = invited(cast, django_capture_on_commit_callbacks)
    for _ in range(3):
        assert Client().get(link).status_code == 200
    assert rows()[0].accepted_at is None


def test_a_link_of_one_company_opens_nothing_at_another(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    """THREATS T5: on the other's path, and with the other's `tenant` field; and it is not used up by trying."""
    link = invited(cast, django_capture_on_commit_callbacks)
    elsewhere = link.replace(str(cast.acme.id), str(cast.rival.id))
    assert Client().get(elsewhere).status_code == 404
    assert Client().post(elsewhere, NEW).status_code == 404
    assert Client().post(link, NEW | {"tenant": str(cast.rival.id)}).status_code == 404
    assert not User.objects.filter(email="nora@acme.example").exists()
    assert Client().post(link, NEW).status_code == 302
    assert Membership.objects.get(user__email="nora@acme.example").tenant == cast.acme


def test_whatever_is_wrong_with_a_link_the_answer_is_the_same(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    link = invited(cast, django_capture_on_commit_callbacks)
    forged = link[:-5] + "aaaa/"
    answers = [Client().get(forged), Client().get(f"/invitations/{cast.acme.id}/{cast.rival.id}/nothing/")]
    row = rows()[0]
    with tenant_scope(cast.acme.id):
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answers.append(Client().get(link))
    with tenant_scope(cast.acme.id):
        Invitation.objects.update(expires_at=row.expires_at, email="mallory@acme.example")
    answers.append(Client().get(link))  # bound to the address
    with tenant_scope(cast.acme.id):
        Invitation.objects.update(email=row.email)
    cast.client(cast.alice).post(f"/people/invitations/{row.id}/revoke/")
    answers.append(Client().get(link))
    assert {answer.status_code for answer in answers} == {404}
    assert len({visible(answer) for answer in answers}) == 1


def test_a_second_letter_ends_the_link_of_the_first(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    first = invited(cast, django_capture_on_commit_callbacks)
    with django_capture_on_commit_callbacks(execute=True):
        cast.client(cast.alice).post(f"/people/invitations/{rows()[0].id}/again/")
    assert Client().get(first).status_code == 404
    assert Client().get(letter()).status_code == 200


def test_a_suspended_companys_letters_open_nothing(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    link = invited(cast, django_capture_on_commit_callbacks)
    cast.acme.is_active = False
    cast.acme.save()
    assert Client().post(link, NEW).status_code == 404


@pytest.mark.parametrize("bad", ["short", "1234567890123", "noranoranora", "password1234"])
def test_a_new_password_passes_the_validators(cast: Cast, django_capture_on_commit_callbacks: Any, bad: str) -> None:
    link = invited(cast, django_capture_on_commit_callbacks)
    answer = Client().post(link, NEW | {"name": "Noranoranora", "password1": bad, "password2": bad})
    assert answer.status_code == 200
    assert not User.objects.filter(email="nora@acme.example").exists()
    assert rows()[0].accepted_at is None


def test_a_huge_password_is_refused_before_it_is_hashed(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    link = invited(cast, django_capture_on_commit_callbacks)
    huge = "x" * 10_000
    assert Client().post(link, NEW | {"password1": huge, "password2": huge}).status_code == 400


def test_an_existing_person_joins_after_signing_in(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    link = invited(cast, django_capture_on_commit_callbacks, email="charlie@rival.example")
    nobody = Client()
    page = nobody.get(link).content.decode()
    assert "Sign in to join" in page
    assert nobody.post(link, NEW).status_code == 200  # nothing happens
    assert cast.client(cast.bob).post(link).status_code == 200  # another person's session
    assert rows()[0].accepted_at is None
    browser = cast.client(cast.charlie)
    assert "Join Acme" in browser.get(link).content.decode()
    assert browser.post(link)["Location"] == "/"
    assert set(cast.charlie.memberships.values_list("tenant__slug", "role")) == {
        ("rival", "executive"),
        ("acme", "finance"),
    }
    cast.charlie.refresh_from_db()
    assert cast.charlie.check_password(PASSWORD)
    assert "Acme" in browser.get("/").content.decode()


def test_inviting_says_nothing_about_who_has_an_account(cast: Cast) -> None:
    known = send(cast, email="charlie@rival.example")
    unknown = send(cast, email="nobody@nowhere.example")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


@pytest.mark.parametrize(
    "form",
    [
        {"email": "bob@acme.example"},
        {"email": "not an address"},
        {"role": "owner"},
        {"email": "a@b.example\nBcc: x@y.example"},
        {"title": "CFO\u202eOFC"},
    ],
)
def test_what_cannot_be_invited_is_said_on_the_page(cast: Cast, form: dict[str, str]) -> None:
    answer = send(cast, **form)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert rows() == []


def test_an_address_is_invited_once_at_a_time(cast: Cast) -> None:
    assert send(cast).status_code == 302
    assert send(cast, email="NORA@acme.example").status_code == 400


def test_a_company_sends_a_limited_number_of_letters(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "MOST_AN_HOUR", 2)
    answers = [send(cast, email=f"p{n}@acme.example").status_code for n in range(3)]
    assert answers == [302, 302, 429]


def test_a_letter_that_cannot_be_sent_fails_nothing(
    cast: Cast, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with django_capture_on_commit_callbacks(execute=True):
        assert send(cast).status_code == 302
    assert rows()[0].is_open


def test_who_was_deactivated_does_not_come_back_by_an_old_letter(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    link = invited(cast, django_capture_on_commit_callbacks, email="charlie@rival.example")
    Membership.objects.create(user=cast.charlie, tenant=cast.acme, role=Role.EXECUTIVE, is_active=False)
    assert cast.client(cast.charlie).post(link).status_code == 404
    assert not Membership.objects.get(user=cast.charlie, tenant=cast.acme).is_active


def test_the_same_link_at_the_same_time_joins_once(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    """The row is locked and looked at again: what the page showed a moment ago does not count."""
    invited(cast, django_capture_on_commit_callbacks)
    row = rows()[0]
    key = invitations.link(row).rstrip("/").rpartition("/")[2]
    invitations.accept_new(cast.acme.id, row.id, key, "Nora", PASSWORD)
    with pytest.raises(Problem):
        invitations.accept_new(cast.acme.id, row.id, key, "Nora", PASSWORD)
