"""Where single sign-on may go, and where the client secret may (csuite/tenants/sso.py, sso_http.py)."""

from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.exceptions import ValidationError

from csuite.tenants import sso, sso_http
from csuite.tenants.models import OwnedDomain, SsoConnection
from tests.conftest import Cast
from tests.tenants.oidc_provider import running


@pytest.mark.parametrize(
    "issuer",
    [
        "http://id.example",
        "https://evil.example",
        "https://id.example@evil.example",
        "https://id.example\\@evil.example",
        "https://id.example:8443",
        "https://id.example.evil.example",
        "https://id.example#x",
        "https://id.example?x=1",
        "https://id.example/ x",
        "https://127。0。0。1",
        "ftp://id.example",
        "https://127.0.0.1",
        "http://169.254.169.254",
        "https://[::1",
        "",
    ],
)
def test_an_issuer_is_an_https_address_of_a_host_that_the_operator_named(settings: Any, issuer: str) -> None:
    settings.OIDC_ALLOWED_HOSTS = ["id.example"]
    assert sso.issuer_fault(issuer)


def test_named_hosts_are_fine_and_loopback_may_be_plain(settings: Any) -> None:
    settings.OIDC_ALLOWED_HOSTS = ["id.example", "127.0.0.1:9000"]
    assert sso.issuer_fault("https://id.example/realms/acme") == ""
    assert sso.issuer_fault("http://127.0.0.1:9000") == ""
    settings.OIDC_ALLOWED_HOSTS = []
    assert sso.issuer_fault("https://id.example")


@pytest.mark.django_db
def test_an_edited_issuer_turns_the_sign_on_off_instead_of_sending_the_secret_there(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """THREATS T30."""
    settings.OIDC_ALLOWED_HOSTS = ["id.example"]
    monkeypatch.setenv("OIDC_ACME_CLIENT_SECRET", "s")
    row = SsoConnection.objects.create(
        tenant=cast.acme, name="Okta", issuer="https://id.example", client_id="c", is_active=True
    )
    assert sso.start_of(cast.acme) is not None
    row.issuer = "https://evil.example"
    with pytest.raises(ValidationError):
        row.full_clean()
    row.save()
    assert sso.start_of(cast.acme) is None
    row.issuer = "https://id.example/"
    row.full_clean()
    assert row.issuer == "https://id.example"


@pytest.mark.django_db
def test_the_secret_comes_from_the_environment_or_a_file_and_is_in_no_table(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.OIDC_ALLOWED_HOSTS = ["id.example"]
    row = SsoConnection.objects.create(
        tenant=cast.acme, name="Okta", issuer="https://id.example", client_id="c", is_active=True
    )
    assert sso.fault(row) == "OIDC_ACME_CLIENT_SECRET is not set."
    file = tmp_path / "secret"
    monkeypatch.setenv("OIDC_ACME_CLIENT_SECRET_FILE", str(file))
    assert sso.secret_of(cast.acme) == ""
    file.write_text("first\n")
    assert sso.secret_of(cast.acme) == "first"
    file.write_text("second\n")  # read again: a rotation needs no restart
    assert sso.secret_of(cast.acme) == "second"
    page = cast.client(cast.root).get(f"/admin/tenants/ssoconnection/{row.pk}/change/").content.decode()
    assert "OIDC_ACME_CLIENT_SECRET" in page
    assert "second" not in page
    assert f"/accounts/oidc/{cast.acme.pk}/login/callback/" in page
    assert not [field.name for field in SsoConnection._meta.get_fields() if "secret" in field.name]


@pytest.mark.parametrize("domain", ["acme", "Acme.example", "@acme.example", "acme.example/x", "-a.example", "a..b"])
def test_a_domain_is_written_as_in_an_address(domain: str) -> None:
    with pytest.raises(ValidationError):
        OwnedDomain(domain=domain).clean_fields(exclude=["tenant"])


def test_an_exchange_follows_no_redirect_and_stays_out_of_our_network(settings: Any) -> None:
    with running() as provider:
        where = f"{provider.issuer}/keys"
        settings.OIDC_ALLOWED_HOSTS = []
        with pytest.raises(sso_http.Refused):
            sso_http.session().get(where)
        with pytest.raises(requests.ConnectionError, match="our own network"):
            sso_http.session().get(where.replace("http://", "https://"))
        assert provider.asked == []
        settings.OIDC_ALLOWED_HOSTS = [provider.host]
        provider.spoil = {"redirect": ["/keys"]}
        with sso_http.session() as session:
            assert session.get(where).status_code == 302
        assert provider.asked == ["/keys"]


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1", "fe80::1%eth0"])
def test_the_address_that_was_really_reached_is_looked_at(settings: Any, peer: str) -> None:
    settings.OIDC_ALLOWED_HOSTS = ["inside.example"]
    with pytest.raises(requests.RequestException):
        sso_http._check_peer("rebound.example", 443, peer)
    sso_http._check_peer("inside.example", 443, peer)
    sso_http._check_peer("rebound.example", 443, "93.184.216.34")
