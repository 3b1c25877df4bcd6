"""Bearer tokens (csuite/tenants/tokens.py) and how programs are let in."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from csuite.tenants import tokens
from csuite.tenants.models import ApiToken, AuditEntry
from csuite.tenants.problems import Problem
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
LIMITS = "/api/v1/limits"


def get(secret: str, **headers: str) -> Any:
    return Client().get(LIMITS, headers={"Authorization": f"Bearer {secret}", **headers})


def test_a_token_is_long_random_and_only_its_hash_is_kept(cast: Cast) -> None:
    row, secret = tokens.make(cast.member(cast.bob), "  Nightly \n report ")
    assert secret.startswith("cs_")
    assert len(secret) == 46
    assert row.name == "Nightly report"
    assert row.last_four == secret[-4:]
    assert str(row) == f"Nightly report …{secret[-4:]}"
    stored = ApiToken.objects.get()
    assert bytes(stored.digest) == tokens.digest(secret)
    assert secret not in str(vars(stored))


def test_making_and_revoking_are_written_down(cast: Cast) -> None:
    row, secret = tokens.make(cast.member(cast.bob), "Report")
    tokens.revoke(cast.bob, row.id)
    tokens.revoke(cast.bob, row.id)
    with tenant_scope(cast.acme.id):
        entries = list(AuditEntry.objects.order_by("at"))
    assert [(entry.action, entry.user, entry.target) for entry in entries] == [
        ("token.made", cast.bob, str(row.id)),
        ("token.revoked", cast.bob, str(row.id)),
    ]
    assert secret not in str([entry.detail for entry in entries])


@pytest.mark.parametrize("name", ["", "   ", "a\x00b", "\u202eevil"])
def test_a_token_needs_a_readable_name(cast: Cast, name: str) -> None:
    with pytest.raises(Problem) as refused:
        tokens.make(cast.member(cast.bob), name)
    assert refused.value.code == "bad_frame"


def test_nobody_collects_tokens_without_end(cast: Cast) -> None:
    member = cast.member(cast.bob)
    for number in range(tokens.MOST):
        tokens.make(member, str(number))
    with pytest.raises(Problem, match="revoke one"):
        tokens.make(member, "one more")


def test_a_token_acts_for_its_membership(cast: Cast) -> None:
    _, secret = tokens.make(cast.member(cast.bob), "Report")
    response = get(secret)
    assert response.status_code == 200
    assert response["RateLimit-Limit"] == "100"
    assert response["RateLimit-Remaining"] == "99"
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "header",
    [
        "Bearer ' OR 1=1--",
        "Bearer cs_" + "A" * 43,
        "Bearer cs_" + "A" * 100_000,
        "Bearer ",
        "Bearer",
        "Basic Ym9iOmJvYg==",
        "cs_" + "A" * 43,
        "Bearer cs_é\u0000",
    ],
)
def test_a_bad_credential_is_401_and_never_falls_back_to_the_session(cast: Cast, header: str) -> None:
    client = cast.client(cast.bob)
    response = client.get(LIMITS, headers={"Authorization": header})
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"] == "Bearer"
    assert response.json()["code"] == "signed_out"


def test_a_token_counts_in_the_authorization_header_only(cast: Cast) -> None:
    _, secret = tokens.make(cast.member(cast.bob), "Report")
    client = Client()
    client.cookies["Authorization"] = f"Bearer {secret}"
    for response in (
        client.get(f"{LIMITS}?token={secret}&access_token={secret}"),
        client.get(LIMITS, headers={"X-Api-Key": secret}),
    ):
        assert response.status_code == 401


def test_a_token_opens_no_page(cast: Cast) -> None:
    _, secret = tokens.make(cast.member(cast.bob), "Report")
    response = Client().get("/profile/access/", headers={"Authorization": f"Bearer {secret}"})
    assert response.status_code == 302


def test_a_revoked_token_is_401(cast: Cast) -> None:
    row, secret = tokens.make(cast.member(cast.bob), "Report")
    assert get(secret).status_code == 200
    tokens.revoke(cast.bob, row.id)
    assert get(secret).status_code == 401


@pytest.mark.parametrize("what", ["user", "membership", "tenant"])
def test_what_is_switched_off_ends_token_and_session_at_once(cast: Cast, what: str) -> None:
    member = cast.member(cast.bob)
    _, secret = tokens.make(member, "Report")
    browser = cast.client(cast.bob)
    assert browser.get(LIMITS).status_code == 200
    row: Any = member if what == "membership" else getattr(member, what)
    row.is_active = False
    row.save()
    assert get(secret).status_code == 403
    assert get(secret).json()["code"] == "suspended"
    after = browser.get(LIMITS)
    assert after.status_code == (401 if what == "user" else 403)


def test_only_ones_own_token_can_be_revoked(cast: Cast) -> None:
    row, _ = tokens.make(cast.member(cast.bob), "Report")
    for stranger, token in ((cast.alice, row.id), (cast.charlie, row.id), (cast.bob, uuid.uuid4())):
        with pytest.raises(Problem) as refused:
            tokens.revoke(stranger, token)
        assert refused.value.code == "not_found"
    assert ApiToken.objects.get().revoked_at is None


def test_use_is_noted_once_a_minute(cast: Cast) -> None:
    row, secret = tokens.make(cast.member(cast.bob), "Report")
    get(secret)
    row.refresh_from_db()
    first = row.last_used_at
    assert first is not None
    get(secret)
    row.refresh_from_db()
    assert row.last_used_at == first
    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    get(secret)
    row.refresh_from_db()
    assert row.last_used_at is not None
    assert row.last_used_at >= first


def test_the_page_shows_a_new_token_once(cast: Cast) -> None:
    browser = cast.client(cast.bob)
    made = browser.post("/profile/access/", {"name": "Report <b>"})
    secret = made.context["secret"]
    assert secret in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    again = browser.get("/profile/access/").content.decode()
    assert secret not in again
    assert secret[-4:] in again
    assert "Report &lt;b&gt;" in again
    assert get(secret).status_code == 200
    row = ApiToken.objects.get()
    assert browser.post(f"/profile/access/{row.id}/revoke/").status_code == 302
    assert get(secret).status_code == 401
    assert tokens.tokens_of(cast.bob) == []


def test_the_page_says_what_is_wrong(cast: Cast) -> None:
    response = cast.client(cast.bob).post("/profile/access/", {"name": " "})
    assert response.status_code == 400
    assert "Give the token a name" in response.content.decode()


def test_who_belongs_nowhere_has_the_page_but_makes_no_token(cast: Cast) -> None:
    browser = cast.client(cast.root)
    assert browser.get("/profile/access/").status_code == 200
    assert browser.post("/profile/access/", {"name": "x"}).status_code == 403
    assert not ApiToken.objects.exists()
