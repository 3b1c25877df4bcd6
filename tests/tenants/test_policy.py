"""Sign-in policies (csuite/tenants/policy.py): whatever way a session came about, it does not lead past them."""

from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.test import Client

from csuite.tenants import policy, tokens
from csuite.tenants.models import AuditEntry, Membership, OwnedDomain, Role, SignIn, SsoConnection, Tenant, User
from csuite.tenants.scope import tenant_scope
from tests.conftest import PASSWORD, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _patient(settings: Any) -> None:
    """A code is made at the end of one half minute and looked at in the next."""
    settings.MFA_TOTP_TOLERANCE = 2


def ask(tenant: Tenant, what: SignIn) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(sign_in=what)


def signed_in(user: User, password: str = PASSWORD) -> Client:
    browser = Client()
    browser.post("/accounts/login/", {"login": user.email, "password": password})
    return browser


def came_by(browser: Client, user: User, *ways: dict[str, Any]) -> Client:
    """As allauth writes it into the session."""
    session = browser.session
    session["account_authentication_methods"] = list(ways)
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return browser


def sso(tenant: Tenant) -> dict[str, Any]:
    return {"method": "socialaccount", "provider": policy.provider_of(tenant), "uid": "1"}


def code(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def test_with_single_sign_on_only_a_password_gives_no_access(cast: Cast) -> None:
    """THREATS T6."""
    browser = signed_in(cast.bob)
    assert browser.get("/conversations/").status_code == 200
    ask(cast.acme, SignIn.SSO)
    assert browser.get("/conversations/")["Location"] == "/sign-in-needed/"
    assert browser.get("/api/v1/limits").status_code == 403
    assert browser.post("/conversations/", {"title": "x"}, headers={"Accept": "application/json"}).status_code == 403
    assert signed_in(cast.bob).get("/")["Location"] == "/sign-in-needed/"
    door = browser.get("/sign-in-needed/").content.decode()
    assert "single sign-on" in door


def test_no_way_round_by_reset_change_or_token(cast: Cast) -> None:
    ask(cast.acme, SignIn.SSO)
    Client().post("/accounts/password/reset/", {"email": cast.bob.email})
    path = next(line for line in str(mail.outbox[-1].body).split() if "/reset/key/" in line)
    browser = Client()
    form = browser.get(path.partition("://")[2].partition("/")[2].join(["/", ""]), follow=True)
    fresh = "another correct horse"
    browser.post(form.request["PATH_INFO"], {"password1": fresh, "password2": fresh})
    cast.bob.refresh_from_db()
    assert cast.bob.check_password(fresh)
    browser = signed_in(cast.bob, fresh)
    changed = {"oldpassword": fresh, "password1": PASSWORD, "password2": PASSWORD}
    browser.post("/accounts/password/change/", changed)
    assert browser.get("/conversations/")["Location"] == "/sign-in-needed/"
    refused = browser.post("/profile/access/", {"name": "Report"})
    assert refused.status_code == 403
    assert not cast.member(cast.bob).tokens.exists()
    came_by(browser, cast.bob, {"method": "password"}, {"method": "mfa"}, {"method": "password_reset"})
    assert browser.get("/conversations/")["Location"] == "/sign-in-needed/"


def test_the_companys_own_single_sign_on_is_what_it_asks_for(cast: Cast) -> None:
    ask(cast.acme, SignIn.SSO)
    browser = came_by(cast.client(cast.bob), cast.bob, sso(cast.acme))
    assert browser.get("/conversations/").status_code == 200
    assert came_by(cast.client(cast.bob), cast.bob, sso(cast.rival)).get("/")["Location"] == "/sign-in-needed/"
    assert came_by(cast.client(cast.bob), cast.alice, sso(cast.acme)).get("/")["Location"] == "/sign-in-needed/"


def test_two_companies_two_policies_and_the_acting_ones_counts(cast: Cast) -> None:
    Membership.objects.create(user=cast.bob, tenant=cast.rival, role=Role.EXECUTIVE)
    ask(cast.acme, SignIn.SSO)
    browser = signed_in(cast.bob)
    page = browser.get("/conversations/")
    assert page.status_code == 200  # the company whose policy the session meets
    assert "Rival" in page.content.decode()
    browser.post("/tenants/act/", {"tenant": str(cast.acme.id)})
    assert browser.get("/conversations/")["Location"] == "/sign-in-needed/"
    assert "Act for Rival" in browser.get("/sign-in-needed/").content.decode()
    browser.post("/tenants/act/", {"tenant": str(cast.rival.id)})
    assert browser.get("/conversations/").status_code == 200


def test_another_companys_single_sign_on_opens_no_door_here(cast: Cast) -> None:
    """Whoever runs Rival's identity provider could sign in as anybody of its domain."""
    Membership.objects.create(user=cast.charlie, tenant=cast.acme, role=Role.ADMIN)
    browser = came_by(cast.client(cast.charlie), cast.charlie, sso(cast.rival))
    assert "Rival" in browser.get("/conversations/").content.decode()
    browser.post("/tenants/act/", {"tenant": str(cast.acme.id)})
    assert browser.get("/people/")["Location"] == "/sign-in-needed/"
    came_by(browser, cast.charlie, sso(cast.rival), {"method": "password"})
    assert browser.get("/people/").status_code == 200


def test_with_two_step_sign_in_required_a_password_is_half_the_way(cast: Cast) -> None:
    ask(cast.acme, SignIn.MFA)
    browser = signed_in(cast.bob)
    assert browser.get("/conversations/")["Location"] == "/sign-in-needed/"
    assert "Set up two-step sign-in" in browser.get("/sign-in-needed/").content.decode()
    secret = generate_totp_secret()
    TOTP.activate(cast.bob, secret)
    browser = signed_in(cast.bob)
    assert browser.get("/conversations/")["Location"].startswith("/accounts/login/")
    browser.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    assert browser.get("/conversations/").status_code == 200


def test_who_sets_up_the_second_step_need_not_sign_in_again(transactional_db: None, cast: Cast) -> None:
    ask(cast.acme, SignIn.MFA)
    browser = signed_in(cast.bob)
    again = browser.get("/accounts/2fa/totp/activate/")["Location"]
    page = browser.post(again, {"password": PASSWORD}, follow=True)
    browser.post("/accounts/2fa/totp/activate/", {"code": code(page.context["form"].secret)})
    assert browser.get("/conversations/").status_code == 200


def test_an_admin_sets_the_policy_and_it_is_written_down(cast: Cast) -> None:
    browser = came_by(cast.client(cast.alice), cast.alice, {"method": "password"}, {"method": "mfa"})
    assert browser.post("/people/sign-in/", {"sign_in": "mfa"}).status_code == 302
    cast.acme.refresh_from_db()
    assert cast.acme.sign_in == "mfa"
    with tenant_scope(cast.acme.id):
        entry = AuditEntry.objects.get(action="company.sign_in")
    assert entry.detail == {"before": {"sign_in": "password"}, "after": {"sign_in": "mfa"}}
    assert browser.post("/people/sign-in/", {"sign_in": "mfa"}).status_code == 302
    assert browser.post("/people/sign-in/", {"sign_in": "nothing"}).status_code == 400


@pytest.mark.parametrize("wanted", ["mfa", "sso"])
def test_no_admin_locks_herself_out(cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch, wanted: str) -> None:
    browser = signed_in(cast.alice)
    assert browser.post("/people/sign-in/", {"sign_in": wanted}).status_code == 403
    settings.OIDC_ALLOWED_HOSTS = ["id.example"]
    monkeypatch.setenv("OIDC_ACME_CLIENT_SECRET", "s")
    SsoConnection.objects.create(
        tenant=cast.acme, name="Okta", issuer="https://id.example", client_id="c", is_active=True
    )
    assert browser.post("/people/sign-in/", {"sign_in": wanted}).status_code == 403
    cast.acme.refresh_from_db()
    assert cast.acme.sign_in == "password"


def test_with_single_sign_on_only_the_own_domains_are_invited(cast: Cast) -> None:
    ask(cast.acme, SignIn.SSO)
    OwnedDomain.objects.create(tenant=cast.acme, domain="acme.example", verified_at="2026-01-01T00:00:00Z")
    browser = came_by(cast.client(cast.alice), cast.alice, sso(cast.acme))
    assert browser.post("/people/", {"email": "x@elsewhere.example", "role": "executive"}).status_code == 400
    assert browser.post("/people/", {"email": "x@acme.example", "role": "executive"}).status_code == 302


def test_tokens_of_a_member_keep_working(cast: Cast) -> None:
    secret = tokens.make(cast.member(cast.bob), "Report")[1]
    ask(cast.acme, SignIn.SSO)
    headers = {"Authorization": f"Bearer {secret}"}
    assert cast.client().get("/api/v1/limits", headers=headers).status_code == 200


def test_the_door_is_open_to_who_lacks_nothing(cast: Cast) -> None:
    assert cast.client(cast.bob).get("/sign-in-needed/")["Location"] == "/"
