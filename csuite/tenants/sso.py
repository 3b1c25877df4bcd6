"""Single sign-on of tenants: which addresses may be an issuer, which domains are whose, where signing in starts.

The client secret of a tenant stands in OIDC_<SLUG>_CLIENT_SECRET (or …_FILE, read again for each sign-in), never in
the database. It goes only to issuers whose host the operator named in OIDC_ALLOWED_HOSTS: an edited row cannot send it
elsewhere.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from csuite.tenants.models import OwnedDomain, SsoConnection, Tenant
from csuite.tenants.policy import provider_of

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def issuer_fault(issuer: str) -> str:
    """Why this cannot be an issuer; "" if it can."""
    try:
        parts = urlsplit(issuer)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "This is not an address."
    if any(sign in issuer for sign in "\\@#?%") or not issuer.isascii() or not issuer.isprintable() or " " in issuer:
        return "An issuer has no user, question mark, # or other special characters."
    named = f"{host}:{port}" if port else host
    if named not in settings.OIDC_ALLOWED_HOSTS:
        return f"The operator has not named {named or 'this host'} in OIDC_ALLOWED_HOSTS."
    if parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK):
        return ""
    return "An issuer has an https address."


def secret_name(tenant: Tenant) -> str:
    return f"OIDC_{tenant.slug.upper().replace('-', '_')}_CLIENT_SECRET"


def secret_of(tenant: Tenant) -> str:
    """ "" where the operator has set none."""
    name = secret_name(tenant)
    file = os.environ.get(f"{name}_FILE", "").strip()
    if not file:
        return os.environ.get(name, "").strip()
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def fault(connection: SsoConnection) -> str:
    """Why nobody can sign in through it now, for who administers it; "" if they can."""
    if not connection.is_active:
        return "It is switched off."
    if not secret_of(connection.tenant):
        return f"{secret_name(connection.tenant)} is not set."
    return issuer_fault(connection.issuer)


def connection_of(tenant: Tenant) -> SsoConnection | None:
    """The usable single sign-on of an active tenant."""
    found = SsoConnection.objects.filter(tenant=tenant, tenant__is_active=True).select_related("tenant").first()
    return found if found and not fault(found) else None


def start_of(tenant: Tenant) -> dict[str, str] | None:
    """{"name", "url"} of where signing in starts. A link and not a form: our form-action policy ends at our host."""
    connection = connection_of(tenant)
    if connection is None:
        return None
    url = reverse("openid_connect_login", kwargs={"provider_id": provider_of(tenant)})
    return {"name": connection.name, "url": f"{url}?process=login"}


def callback_of(tenant: Tenant) -> str:
    """The address that the identity provider must know."""
    return settings.CSUITE_PUBLIC_URL + reverse("openid_connect_callback", kwargs={"provider_id": provider_of(tenant)})


def domain_of(email: str) -> str:
    return email.strip().lower().rpartition("@")[2]


def owns(tenant: Tenant, email: str) -> bool:
    """Whether the address is of a domain that the tenant is verified to own."""
    return OwnedDomain.objects.filter(tenant=tenant, domain=domain_of(email), verified_at__isnull=False).exists()


def start_for(email: str) -> dict[str, str] | None:
    """Where the company that owns the address's domain signs in; None if it does not, or owns nothing here."""
    rows = OwnedDomain.objects.filter(domain=domain_of(email), verified_at__isnull=False).select_related("tenant")
    found = rows.first()
    return start_of(found.tenant) if found else None
