"""A sign-in through a company's provider is bound to its nonce: no token of another one is taken."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from tests.conftest import Cast
from tests.tenants.oidc_provider import Provider
from tests.tenants.test_sso import BOB, _server, back, is_in, provider, sign_on, start

__all__ = ["_server", "provider"]
pytestmark = pytest.mark.django_db


def test_a_token_of_another_sign_in_signs_nobody_in(cast: Cast, provider: Provider) -> None:
    """Replayed: signed, in time, for us and for her, but its nonce is of an earlier sign-in."""
    earlier = Client()
    nonce = parse_qs(urlsplit(start(cast, earlier)).query)["nonce"][0]
    browser = Client()
    query = provider.consent(start(cast, browser), **BOB)
    provider.spoil = {"nonce": nonce}
    assert back(cast, browser, query).status_code != 302
    assert not is_in(browser)


@pytest.mark.parametrize("nonce", [None, "", "0" * 64])
def test_a_token_without_the_nonce_signs_nobody_in(cast: Cast, provider: Provider, nonce: str | None) -> None:
    provider.spoil = {"nonce": nonce}
    browser, answer = sign_on(cast, provider, BOB)
    assert answer.status_code != 302
    assert not is_in(browser)


def test_each_sign_in_has_a_nonce_of_its_own_and_no_link_sets_it(cast: Cast, provider: Provider) -> None:
    browser = Client()
    url = reverse("openid_connect_login", kwargs={"provider_id": str(cast.acme.pk)})
    asked = [browser.get(url, {"process": "login", "auth_params": "nonce=mine"})["Location"] for _ in range(2)]
    nonces = [parse_qs(urlsplit(address).query)["nonce"] for address in asked]
    assert nonces[0] != nonces[1]
    assert ["mine"] not in nonces
    assert all(len(one) == 1 for one in nonces)


def test_a_code_is_used_once(cast: Cast, provider: Provider) -> None:
    browser = Client()
    query = provider.consent(start(cast, browser), **BOB)
    assert back(cast, browser, query).status_code == 302
    thief = Client()
    assert back(cast, thief, query).status_code != 302
    assert not is_in(thief)
