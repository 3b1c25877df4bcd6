"""Whom a tenant's single sign-on may let in: its own members, and new ones of its own domains if it wants that.

An identity provider is trusted for its tenant's people only. It can neither sign platform staff in nor reach another
tenant through a person who belongs to both (policy.py).
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress

from csuite.tenants import audit, sso
from csuite.tenants.models import Membership, SsoConnection, Tenant, User
from csuite.tenants.scope import tenant_scope


class NotAdmitted(Exception):
    """Why a sign-in was refused; for the log, and as a sentence for the person."""

    def __init__(self, reason: str, words: str) -> None:
        super().__init__(words)
        self.reason, self.words = reason, words


@dataclass(frozen=True, slots=True)
class Claims:
    """What the identity provider says of a person."""

    email: str
    verified: bool
    name: str

    @classmethod
    def of(cls, found: dict[str, Any]) -> "Claims":
        """From a checked id token (and what userinfo adds); an e-mail is verified only where the provider says true."""
        email = found.get("email")
        name = found.get("name")
        return cls(
            email.strip().lower() if isinstance(email, str) else "",
            found.get("email_verified") in (True, "true"),
            " ".join(name.split())[:120] if isinstance(name, str) and name.isprintable() else "",
        )


def connection_for(provider: str) -> SsoConnection:
    """The usable connection of that name (policy.provider_of). Raises NotAdmitted."""
    try:
        tenant = Tenant.objects.filter(pk=UUID(provider), is_active=True).first()
    except ValueError:
        tenant = None
    found = sso.connection_of(tenant) if tenant else None
    if found is None:
        raise NotAdmitted("no_connection", "This single sign-on is not available.")
    return found


def check_known(connection: SsoConnection, user: User) -> None:
    """Somebody who signed in this way before. Raises NotAdmitted unless she still belongs here."""
    if user.is_staff:
        raise NotAdmitted("staff", "Platform staff sign in with a password and a second step.")
    member = Membership.objects.filter(user=user, tenant=connection.tenant).select_related("user", "tenant").first()
    if member is None or not member.holds:
        raise NotAdmitted("no_member", "You do not belong to this company.")


def admit(connection: SsoConnection, claims: Claims) -> User:
    """The person of a first sign-in; a new one, or a new member, where the connection makes members.

    Raises NotAdmitted: an address that is not verified or of a foreign domain, no member, staff.
    """
    tenant = connection.tenant
    if not claims.email or not (claims.verified or connection.trusts_addresses):
        raise NotAdmitted("not_verified", "Your identity provider has not verified your e-mail address.")
    if not sso.owns(tenant, claims.email):
        raise NotAdmitted("foreign_domain", "This e-mail address is not of the company's domains.")
    user = User.objects.filter(email=claims.email).first()
    known = user is not None and Membership.objects.filter(user=user, tenant=tenant).exists()
    if user is not None and (known or user.is_staff or not user.is_active):
        check_known(connection, user)
        return user
    if not connection.creates_members:
        raise NotAdmitted("no_member", "You do not belong to this company; ask an administrator for an invitation.")
    return _join(connection, user or _make(claims))


def _make(claims: Claims) -> User:
    user = User.objects.create_user(claims.email, None, name=claims.name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def _join(connection: SsoConnection, user: User) -> User:
    member = Membership.objects.create(user=user, tenant=connection.tenant, role=connection.default_role)
    with tenant_scope(connection.tenant.pk):
        audit.record("member.joined", user=user, target=str(member.pk), role=member.role, by="single sign-on")
    return user
