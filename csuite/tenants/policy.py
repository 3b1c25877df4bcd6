"""What a company asks of its members' sign-in, and whether a session gave it.

The gate, the API and the sockets ask here for the acting company, so no way to a session (password, reset,
invitation, another company's single sign-on) leads past its policy. allauth writes the ways into the session.
"""

from collections.abc import Mapping
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.contrib.auth import SESSION_KEY
from django.dispatch import receiver

from csuite.tenants.models import SignIn, Tenant

_WHOSE = "account_authentication_methods_user"  # allauth's: whose ways the session holds

WORDS = {
    SignIn.PASSWORD: "Sign in with your password to act for this company.",
    SignIn.MFA: "This company asks for two-step sign-in.",
    SignIn.SSO: "This company asks for its single sign-on.",
}


def provider_of(tenant: Tenant) -> str:
    """The name of a tenant's single sign-on for allauth: in addresses, identities and sessions."""
    return str(tenant.pk)


def _ways(session: Mapping[str, Any]) -> list[dict[str, Any]]:
    """How the session's person signed in, second steps included; nothing of somebody who used it before her."""
    if session.get(_WHOSE) != session.get(SESSION_KEY):
        return []
    found = session.get(AUTHENTICATION_METHODS_SESSION_KEY)
    return found if isinstance(found, list) else []


def barrier(tenant: Tenant, session: Mapping[str, Any]) -> SignIn | None:
    """What the session still lacks to act for the tenant; None if nothing.

    Another company's single sign-on proves nothing here: who runs it could sign in as anybody of its domain.
    """
    ways = _ways(session)
    methods = {str(way.get("method")) for way in ways}
    here = any(way.get("method") == "socialaccount" and way.get("provider") == provider_of(tenant) for way in ways)
    if tenant.sign_in == SignIn.SSO and not here:
        return SignIn.SSO
    if "socialaccount" in methods and not here and not methods & {"password", "password_reset"}:
        return SignIn.PASSWORD
    if tenant.sign_in == SignIn.MFA and "mfa" not in methods:
        return SignIn.MFA
    return None


@receiver(authenticator_added)
def _counts_as_used(request: Any, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    """Who just set up a second factor has shown it: she need not sign in again."""
    if authenticator.type == Authenticator.Type.TOTP:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
