"""Fetching is authorising: the only ways to a membership."""

from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

from csuite.tenants.models import Membership, SignIn, User
from csuite.tenants.policy import barrier

ACTING_TENANT = "acting_tenant"  # session key


def memberships_of(user: User) -> list[Membership]:
    """The memberships that give access now, by tenant name."""
    rows = Membership.objects.filter(
        user=user, is_active=True, user__is_active=True, tenant__is_active=True
    ).select_related("tenant", "user")
    return list(rows)


def living_membership(user_id: UUID | str, tenant_id: UUID) -> Membership | None:
    """The membership with its person and its tenant, if all three are active. The id comes from a session."""
    return (
        Membership.objects.filter(
            user_id=user_id, tenant_id=tenant_id, is_active=True, user__is_active=True, tenant__is_active=True
        )
        .select_related("tenant", "user")
        .first()
    )


def membership_of(user: User, tenant_id: UUID) -> Membership | None:
    return next((m for m in memberships_of(user) if m.tenant_id == tenant_id), None)


def acting(user: User, session: SessionBase) -> tuple[Membership | None, SignIn | None]:
    """(membership, what its company still asks of the sign-in).

    The tenant chosen in the switcher, else the first whose policy the session meets, else the first; (None, None)
    for who belongs to none.
    """
    mine = memberships_of(user)
    asked = {member.pk: barrier(member.tenant, session) for member in mine}
    chosen = session.get(ACTING_TENANT)
    for member in mine:
        if str(member.tenant_id) == chosen:
            return member, asked[member.pk]
    first = next((member for member in mine if asked[member.pk] is None), mine[0] if mine else None)
    return first, asked[first.pk] if first else None


def acting_membership(user: User, session: SessionBase) -> Membership | None:
    """The membership that acts, if the session meets its company's sign-in policy; None for a stranger."""
    member, lacking = acting(user, session)
    return member if lacking is None else None
