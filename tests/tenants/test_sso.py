"""Single sign-on against a real provider on loopback (csuite/tenants/sso*.py)."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from csuite.tenants import policy
from csuite.tenants.models import AuditEntry, Membership, OwnedDomain, SignIn, SsoConnection, User
from csuite.tenants.scope import tenant_scope
from tests.conftest import PASSWORD, Cast
from tests.tenants.oidc_provider import CLIENT, SECRET, Provider, running

pytestmark = pytest.mark.django_db
BOB = {"sub": "bob-1", "email": "bob@acme.example", "email_verified": True, "name": "Bob B"}
NORA = {"sub": "nora-1", "email": "Nora@Acme.example", "email_verified": True, "name": "Nora N"}


@pytest.fixture(scope="module")
def _server() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture
def provider(_server: Provider, cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Provider:
    """Acme signs in there and owns acme.example; Rival has another connection to the same place."""
    _server.spoil, _server.asked, _server.codes = {}, [], {}
    settings.OIDC_ALLOWED_HOSTS = [_server.host]
    for tenant, domain in ((cast.acme, "acme.example"), (cast.rival, "rival.example")):
        monkeypatch.setenv(f"OIDC_{tenant.slug.upper()}_CLIENT_SECRET", SECRET)
        SsoConnection.objects.create(
            tenant=tenant, name="Keycloak", issuer=_server.issuer, client_id=CLIENT, is_active=True
        )
        OwnedDomain.objects.create(tenant=tenant, domain=domain, verified_at=timezone.now())
    return _server


def connection(cast: Cast, **fields: Any) -> None:
    SsoConnection.objects.filter(tenant=cast.acme).update(**fields)


def start(cast: Cast, browser: Client, tenant: Any = None) -> str:
    """The address at the provider that the browser is sent to."""
    name = policy.provider_of(tenant or cast.acme)
    answer = browser.get(reverse("openid_connect_login", kwargs={"provider_id": name}) + "?process=login")
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def back(cast: Cast, browser: Client, query: dict[str, str], tenant: Any = None) -> Any:
    name = policy.provider_of(tenant or cast.acme)
    return browser.get(reverse("openid_connect_callback", kwargs={"provider_id": name}), query)


def sign_on(cast: Cast, provider: Provider, claims: dict[str, Any], tenant: Any = None) -> tuple[Client, Any]:
    browser = Client()
    query = provider.consent(start(cast, browser, tenant), **claims)
    return browser, back(cast, browser, query, tenant)


def is_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def test_a_member_signs_in_by_the_domain_of_her_address(cast: Cast, provider: Provider) -> None:
    browser = Client()
    page = browser.get("/accounts/sso/", {"email": "bob@acme.example"}).content.decode()
    assert reverse("openid_connect_login", kwargs={"provider_id": str(cast.acme.pk)}) in page
    sent = parse_qs(urlsplit(start(cast, browser)).query)
    assert sent["client_id"] == [CLIENT]
    assert set(sent["scope"][0].split()) == {"openid", "profile", "email"}
    browser, answer = sign_on(cast, provider, BOB)
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    assert browser.get("/conversations/").status_code == 200
    again, _ = sign_on(cast, provider, BOB | {"email": "bobby@acme.example"})  # known by her `sub` from now on
    assert again.session["_auth_user_id"] == str(cast.bob.pk)


def test_single_sign_on_satisfies_the_policy_that_asks_for_it(cast: Cast, provider: Provider) -> None:
    cast.acme.sign_in = SignIn.SSO
    cast.acme.save()
    browser = Client()
    browser.post("/accounts/login/", {"login": cast.bob.email, "password": PASSWORD})
    door = browser.get("/sign-in-needed/").content.decode()
    assert "Continue with Keycloak" in door
    query = provider.consent(start(cast, browser), **BOB)
    assert back(cast, browser, query).status_code == 302
    assert browser.get("/conversations/").status_code == 200


def test_an_admin_who_came_by_it_may_ask_it_of_everybody(cast: Cast, provider: Provider) -> None:
    browser, _ = sign_on(cast, provider, BOB | {"sub": "alice-1", "email": "alice@acme.example"})
    assert browser.post("/people/sign-in/", {"sign_in": "sso"}).status_code == 302
    assert browser.get("/people/").status_code == 200


def test_new_people_join_only_where_the_company_wants_it(cast: Cast, provider: Provider) -> None:
    browser, answer = sign_on(cast, provider, NORA)
    assert answer.status_code == 403
    assert not is_in(browser)
    assert not User.objects.filter(email="nora@acme.example").exists()
    connection(cast, creates_members=True, default_role="finance")
    browser, answer = sign_on(cast, provider, NORA)
    assert answer.status_code == 302
    member = Membership.objects.get(user__email="nora@acme.example")
    assert (member.tenant, member.role, member.user.name) == (cast.acme, "finance", "Nora N")
    assert not member.user.has_usable_password()
    assert browser.get("/usage/").status_code == 200
    with tenant_scope(cast.acme.id):
        assert AuditEntry.objects.get(action="member.joined").user == member.user


@pytest.mark.parametrize(
    ("claims", "fields"),
    [
        ({"email_verified": False}, {}),
        ({"email_verified": None}, {}),
        ({"email_verified": "false"}, {}),
        ({"email": ""}, {}),
        ({"email": None}, {}),
        ({"email": ["nora@acme.example"]}, {}),
        ({"email": "nora@rival.example"}, {}),
        ({"email": "nora@sub.acme.example"}, {}),
        ({"email": "charlie@rival.example"}, {"trusts_addresses": True}),
        ({"email": "root@csuite.example"}, {}),
    ],
)
def test_unverified_and_foreign_addresses_come_to_nothing(
    cast: Cast, provider: Provider, claims: dict[str, Any], fields: dict[str, Any]
) -> None:
    connection(cast, creates_members=True, **fields)
    people = User.objects.count()
    browser, answer = sign_on(cast, provider, NORA | claims)
    assert (answer.status_code, is_in(browser), User.objects.count()) == (403, False, people)


def test_where_only_administrators_set_addresses_they_count_as_verified(cast: Cast, provider: Provider) -> None:
    connection(cast, trusts_addresses=True)
    browser, _ = sign_on(cast, provider, {"sub": "b", "email": cast.bob.email})
    assert is_in(browser)


def test_a_domain_that_is_not_verified_counts_for_nothing(cast: Cast, provider: Provider) -> None:
    OwnedDomain.objects.update(verified_at=None)
    assert not is_in(sign_on(cast, provider, BOB)[0])
    assert "There is no single sign-on" in Client().get("/accounts/sso/?email=b@acme.example").content.decode()


def test_platform_staff_never_come_in_this_way(cast: Cast, provider: Provider) -> None:
    """Or a company's identity provider could make itself the platform."""
    User.objects.filter(pk=cast.bob.pk).update(is_staff=True)
    browser, answer = sign_on(cast, provider, BOB)
    assert (answer.status_code, is_in(browser)) == (403, False)
    User.objects.filter(pk=cast.bob.pk).update(is_staff=False)
    assert is_in(sign_on(cast, provider, BOB)[0])
    User.objects.filter(pk=cast.bob.pk).update(is_staff=True)
    assert not is_in(sign_on(cast, provider, BOB)[0])  # known by now, and refused all the same


@pytest.mark.parametrize("what", ["deactivated", "removed", "person", "tenant", "connection"])
def test_who_may_not_act_does_not_come_in(cast: Cast, provider: Provider, what: str) -> None:
    assert is_in(sign_on(cast, provider, BOB)[0])
    connection(cast, creates_members=True)
    query, browser = {}, Client()
    query = provider.consent(start(cast, browser), **BOB)
    if what in ("deactivated", "removed"):
        gone = timezone.now() if what == "removed" else None
        Membership.objects.filter(user=cast.bob).update(is_active=False, removed_at=gone)
    elif what == "person":
        User.objects.filter(pk=cast.bob.pk).update(is_active=False)
    elif what == "tenant":
        type(cast.acme).objects.filter(pk=cast.acme.pk).update(is_active=False)
    else:
        connection(cast, is_active=False)
    assert back(cast, browser, query).status_code in (403, 404)
    assert not is_in(browser)


def test_somebody_of_two_companies_reaches_only_the_one_that_signed_her_in(cast: Cast, provider: Provider) -> None:
    Membership.objects.create(user=cast.bob, tenant=cast.rival, role="admin")
    browser, _ = sign_on(cast, provider, BOB)
    browser.post("/tenants/act/", {"tenant": str(cast.rival.pk)})
    assert browser.get("/people/")["Location"] == "/sign-in-needed/"


@pytest.mark.parametrize(("sub", "inside"), [("bob-1", True), ("mallory-1", False), (None, False)])
def test_an_address_may_come_from_userinfo_of_the_same_person(
    cast: Cast, provider: Provider, sub: str | None, inside: bool
) -> None:
    provider.spoil = {"userinfo": {"sub": sub, "email": cast.bob.email, "email_verified": True}}
    browser, _ = sign_on(cast, provider, {"sub": "bob-1"})
    assert is_in(browser) is inside


# F29: replayed, forged, misdirected callbacks


def test_a_callback_works_once(cast: Cast, provider: Provider) -> None:
    browser = Client()
    query = provider.consent(start(cast, browser), **BOB)
    assert back(cast, browser, query).status_code == 302
    browser.post("/accounts/logout/")
    assert not is_in(browser)
    for _ in range(5):
        back(cast, browser, query)
        assert not is_in(browser)
    provider.codes[query["code"]] = (BOB, {})
    back(cast, browser, query)
    assert not is_in(browser)


def test_a_callback_belongs_to_the_browser_that_began(cast: Cast, provider: Provider) -> None:
    """Login CSRF: another browser, no state, an invented state."""
    mallory, victim = Client(), Client()
    query = provider.consent(start(cast, mallory), **BOB)
    for forged in (query, {"code": query["code"]}, query | {"state": "invented"}):
        back(cast, victim, forged)
        assert not is_in(victim)


def test_a_callback_of_one_company_is_none_of_another(cast: Cast, provider: Provider) -> None:
    browser = Client()
    query = provider.consent(start(cast, browser, cast.rival), **BOB)
    back(cast, browser, query, cast.acme)
    assert not is_in(browser)


def test_a_state_older_than_ten_minutes_is_over(cast: Cast, provider: Provider) -> None:
    browser = Client()
    query = provider.consent(start(cast, browser), **BOB)
    session = browser.session
    states = session["socialaccount_states"]
    session["socialaccount_states"] = {key: [one[0], one[1] - 601, one[2]] for key, one in states.items()}
    session.save()
    back(cast, browser, query)
    assert not is_in(browser)


OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.mark.parametrize(
    "spoil",
    [
        {"key": OTHER},
        {"key": None, "algorithm": "none"},
        {"key": "a secret of at least thirty-two bytes.", "algorithm": "HS256"},
        {"kid": "unknown"},
        {"claims": {"aud": "somebody else"}},
        {"claims": {"iss": "https://elsewhere.example"}},
        {"claims": {"exp": 1_000_000_000}},
        {"no_id_token": True},
        {"claims": {"sub": ""}},
    ],
    ids=["foreign key", "unsigned", "symmetric", "unknown key", "audience", "issuer", "expired", "no token", "nobody"],
)
def test_a_token_that_is_not_the_providers_for_us_is_refused(
    cast: Cast, provider: Provider, spoil: dict[str, Any]
) -> None:
    provider.spoil = spoil
    browser, answer = sign_on(cast, provider, BOB)
    assert answer.status_code in (200, 401, 403)
    assert not is_in(browser)


def test_the_same_token_twice_is_refused(cast: Cast, provider: Provider) -> None:
    provider.spoil = {"claims": {"jti": "the-same"}}
    assert is_in(sign_on(cast, provider, BOB)[0])
    assert not is_in(sign_on(cast, provider, BOB)[0])


def test_an_error_of_the_provider_is_a_page(cast: Cast, provider: Provider) -> None:
    browser = Client()
    state = parse_qs(urlsplit(start(cast, browser)).query)["state"][0]
    answer = back(cast, browser, {"error": "access_denied", "state": state})
    assert answer.status_code in (302, 401)
    assert not is_in(browser)


def test_nobody_links_an_identity_from_the_account_page(cast: Cast, provider: Provider) -> None:
    browser = cast.client(cast.bob)
    url = reverse("openid_connect_login", kwargs={"provider_id": str(cast.acme.pk)})
    query = provider.consent(browser.get(f"{url}?process=connect")["Location"], **NORA)
    assert back(cast, browser, query).status_code == 403
    assert not cast.bob.socialaccount_set.exists()


def test_companies_are_not_listed_to_strangers(cast: Cast, provider: Provider) -> None:
    page = Client().get("/accounts/login/").content.decode()
    assert "Keycloak" not in page
    assert str(cast.acme.pk) not in page
