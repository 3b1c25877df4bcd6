"""What a tenant admin sees and sets of the company itself."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count

from csuite.tenants import audit, policy, sso
from csuite.tenants.models import Membership, OwnedDomain, Role, SignIn, Tenant
from csuite.tenants.problems import Problem


def sign_in_of(tenant: Tenant) -> dict[str, Any]:
    """For the page: the policy, its choices, the single sign-on (None if there is none) and the domains."""
    return {
        "policy": tenant.sign_in,
        "choices": SignIn.choices,
        "sign_on": sso.start_of(tenant),
        "domains": list(OwnedDomain.objects.filter(tenant=tenant)),
    }


def set_sign_in(admin: Membership, wanted: str, session: Mapping[str, Any]) -> None:
    """Changes the policy; who sets it must meet it, so that no admin locks herself out.

    Raises Problem: bad_frame, forbidden.
    """
    if wanted not in SignIn.values:
        raise Problem("bad_frame", "There is no such policy.")
    tenant = Tenant.objects.select_for_update(no_key=True).get(pk=admin.tenant_id)
    before = tenant.sign_in
    if wanted == SignIn.SSO and sso.connection_of(tenant) is None:
        raise Problem("forbidden", "Your company has no single sign-on yet; the platform sets it up.")
    tenant.sign_in = SignIn(wanted)
    if policy.barrier(tenant, session) is not None:
        raise Problem("forbidden", f"{HOW[wanted]} yourself first, then ask it of everybody.")
    if before == wanted:
        return
    tenant.save(update_fields=["sign_in"])
    audit.record_change(
        "company.sign_in",
        user=admin.user,
        target=str(tenant.pk),
        before={"sign_in": before},
        after={"sign_in": tenant.sign_in},
    )


HOW = {
    SignIn.PASSWORD.value: "Sign in with your password",
    SignIn.MFA.value: "Sign in with your second step",
    SignIn.SSO.value: "Sign in through the single sign-on",
}


def seats(tenant: Tenant) -> list[tuple[str, int]]:
    """(role, active members) for every role."""
    rows = Membership.objects.filter(tenant=tenant, is_active=True, user__is_active=True)
    counted = {row["role"]: row["n"] for row in rows.order_by().values("role").annotate(n=Count("id"))}
    return [(role.label, counted.get(role.value, 0)) for role in Role]
