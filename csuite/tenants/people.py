"""What a tenant admin does with the people of her company. All of it holds at once and is in the audit.

Nothing is cached: pages, tokens, jobs and running answers look at the membership, open sockets within five seconds.
"""

from dataclasses import dataclass
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.utils import timezone

from csuite.tenants import audit
from csuite.tenants.models import ApiToken, Invitation, Membership, Role, Tenant
from csuite.tenants.problems import Problem
from csuite.tenants.tidying import one_line

TITLE_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Person:
    """A member as the page shows her; `second_factor`: whether two-step sign-in is set up."""

    member: Membership
    second_factor: bool


def members_of(tenant: Tenant) -> list[Person]:
    """Active members first, then by name; removed ones are not there."""
    rows = list(Membership.objects.filter(tenant=tenant, removed_at=None).select_related("user", "tenant"))
    secured = set(
        Authenticator.objects.filter(user__in=[row.user_id for row in rows], type=Authenticator.Type.TOTP).values_list(
            "user_id", flat=True
        )
    )
    rows.sort(key=lambda row: (not row.holds, row.user.display_name.lower()))
    return [Person(row, row.user_id in secured) for row in rows]


def _mine(admin: Membership, member_id: UUID) -> Membership:
    """A member of the admin's company, with the company's memberships locked against a second change.

    Raises Problem("not_found"), also for who was removed.
    """
    Tenant.objects.select_for_update(no_key=True).get(pk=admin.tenant_id)
    rows = Membership.objects.filter(tenant_id=admin.tenant_id, removed_at=None).select_related("user", "tenant")
    found = rows.filter(pk=member_id).first()
    if found is None:
        raise Problem("not_found", "There is no such person in your company.")
    return found


def _keep_an_admin(leaving: Membership) -> None:
    """Raises Problem("forbidden") if nobody else could administer the company then."""
    others = Membership.objects.filter(
        tenant_id=leaving.tenant_id, role=Role.ADMIN, is_active=True, user__is_active=True
    ).exclude(pk=leaving.pk)
    if leaving.role == Role.ADMIN and leaving.is_active and not others.exists():
        raise Problem("forbidden", "A company keeps at least one active admin. Make somebody else an admin first.")


def _state(member: Membership) -> dict[str, object]:
    return {
        "role": member.role,
        "title": member.title,
        "is_active": member.is_active,
        "removed": member.removed_at is not None,
    }


def _save(admin: Membership, member: Membership, deed: str, before: dict[str, object]) -> None:
    member.save(update_fields=["role", "title", "is_active", "removed_at"])
    audit.record_change(
        f"member.{deed}",
        user=admin.user,
        target=str(member.pk),
        before=before,
        after=_state(member),
        person=member.user.email,
    )


def change(admin: Membership, member_id: UUID, role: str, title: str) -> Membership:
    """Another role, another title. Raises Problem: not_found, bad_frame, forbidden for the last admin."""
    member = _mine(admin, member_id)
    if role not in Role.values:
        raise Problem("bad_frame", "There is no such role.")
    before = _state(member)
    if role != Role.ADMIN:
        _keep_an_admin(member)
    member.role, member.title = Role(role), one_line(title)[:TITLE_LENGTH]
    if _state(member) != before:
        _save(admin, member, "changed", before)
    return member


def deactivate(admin: Membership, member_id: UUID) -> Membership:
    """Ends every way in at once; her conversations stay. Raises Problem: not_found, forbidden."""
    member = _mine(admin, member_id)
    before = _state(member)
    _keep_an_admin(member)
    member.is_active = False
    if _state(member) != before:
        _save(admin, member, "deactivated", before)
    return member


def reactivate(admin: Membership, member_id: UUID) -> Membership:
    """Lets her in again, with the tokens she had. Raises Problem("not_found")."""
    member = _mine(admin, member_id)
    before = _state(member)
    member.is_active = True
    if _state(member) != before:
        _save(admin, member, "reactivated", before)
    return member


def remove(admin: Membership, member_id: UUID) -> Membership:
    """Takes her out for good: her tokens end, only a new invitation brings her back. Raises Problem."""
    member = _mine(admin, member_id)
    before = _state(member)
    _keep_an_admin(member)
    member.is_active, member.removed_at = False, timezone.now()
    ApiToken.objects.filter(membership=member, revoked_at=None).update(revoked_at=member.removed_at)
    Invitation.objects.filter(
        tenant_id=admin.tenant_id, email=member.user.email, accepted_at=None, revoked_at=None
    ).update(revoked_at=member.removed_at)
    _save(admin, member, "removed", before)
    return member
