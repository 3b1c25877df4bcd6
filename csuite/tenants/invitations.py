"""Invitations by e-mail: signed, single-use, for one company and one address, open for a week.

The link holds the company, the invitation and a signature over both, the address and the number of the last letter:
a link of company A does not open anything at company B, and a new letter ends the links of the old ones.
"""

import secrets
from datetime import timedelta
from uuid import UUID

import structlog
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from csuite.tenants import audit, sso
from csuite.tenants.models import Invitation, Membership, Role, SignIn, Tenant, User
from csuite.tenants.people import TITLE_LENGTH
from csuite.tenants.problems import Problem
from csuite.tenants.scope import tenant_scope
from csuite.tenants.tidying import one_line

log = structlog.get_logger(__name__)

HOLDS = timedelta(days=7)
AN_HOUR = timedelta(hours=1)
MOST_AN_HOUR = 50  # letters of one company


def open_of(tenant: Tenant) -> list[Invitation]:
    """Sent and neither accepted nor revoked, newest first; those past their time are among them, to send again."""
    rows = Invitation.objects.filter(tenant=tenant, accepted_at=None, revoked_at=None).select_related("invited_by")
    return list(rows.order_by("-sent_at"))


def invite(admin: Membership, email: str, role: str, title: str) -> Invitation:
    """Sends a letter. Nothing differs between an address that has an account elsewhere and one that has none.

    Raises Problem: bad_frame for what is no address, a member's or invited already; rate_limited.
    """
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Problem("bad_frame", "This is not an e-mail address.") from None
    if role not in Role.values:
        raise Problem("bad_frame", "There is no such role.")
    if Membership.objects.filter(tenant_id=admin.tenant_id, user__email=email, removed_at=None).exists():
        raise Problem("bad_frame", "This person belongs to your company already.")
    if Invitation.objects.filter(tenant_id=admin.tenant_id, email=email, accepted_at=None, revoked_at=None).exists():
        raise Problem("bad_frame", "This address is invited already; send the letter again below.")
    if admin.tenant.sign_in == SignIn.SSO and not sso.owns(admin.tenant, email):
        raise Problem("bad_frame", "With single sign-on only, invite addresses of your company's domains.")
    row = Invitation(email=email, role=Role(role), title=one_line(title)[:TITLE_LENGTH], invited_by=admin.user)
    _send(admin, row)
    audit.record("invitation.sent", user=admin.user, target=str(row.pk), email=email, role=row.role)
    return row


def resend(admin: Membership, invitation_id: UUID) -> Invitation:
    """A new letter with a new link; the old link ends. Raises Problem: not_found, rate_limited."""
    row = _open(admin, invitation_id)
    _send(admin, row)
    audit.record("invitation.sent_again", user=admin.user, target=str(row.pk), email=row.email)
    return row


def revoke(admin: Membership, invitation_id: UUID) -> Invitation:
    """Its link ends. Raises Problem("not_found")."""
    row = _open(admin, invitation_id)
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    audit.record("invitation.revoked", user=admin.user, target=str(row.pk), email=row.email)
    return row


def _open(admin: Membership, invitation_id: UUID) -> Invitation:
    rows = Invitation.objects.filter(tenant_id=admin.tenant_id, pk=invitation_id).select_for_update()
    row: Invitation | None = rows.filter(accepted_at=None, revoked_at=None).first()
    if row is None:
        raise Problem("not_found", "There is no such invitation.")
    return row


def _send(admin: Membership, row: Invitation) -> None:
    now = timezone.now()
    if Invitation.objects.filter(tenant_id=admin.tenant_id, sent_at__gt=now - AN_HOUR).count() >= MOST_AN_HOUR:
        raise Problem("rate_limited", f"{MOST_AN_HOUR} letters went out within an hour; try again later.", 3600)
    row.nonce, row.sent_at, row.expires_at = secrets.token_hex(16), now, now + HOLDS
    row.save()
    letter = EmailMessage(
        subject=f"{admin.user.display_name} invites you to {admin.tenant.name} on csuite",
        body=render_to_string("tenants/invitation.txt", {"admin": admin, "invitation": row, "link": link(row)}),
        to=[row.email],
    )
    transaction.on_commit(lambda: _post(letter, row))


def _post(letter: EmailMessage, row: Invitation) -> None:
    """After the commit: a link that nobody kept must not be sent. A letter that fails can be sent again."""
    letter.subject = " ".join(letter.subject.split())  # a name with a line end is no second header
    try:
        letter.send()
    except OSError as error:
        log.error("invitation_not_sent", invitation=str(row.pk), error=type(error).__name__)


# The link


def _signature(row: Invitation) -> str:
    signer = signing.Signer(salt=f"csuite.invitation:{row.tenant_id}:{row.pk}")
    return signer.signature(f"{row.email.lower()}:{row.nonce}")


def link(row: Invitation) -> str:
    """The whole address that the letter holds."""
    path = reverse("invitation", args=[row.tenant_id, row.pk, _signature(row)])
    return f"{settings.CSUITE_PUBLIC_URL}{path}"


def opened(tenant_id: UUID, invitation_id: UUID, key: str, *, lock: bool = False) -> Invitation | None:
    """The open invitation of a link, inside the scope of `tenant_id`; None whatever is wrong with it."""
    rows = Invitation.objects.filter(pk=invitation_id, tenant_id=tenant_id)
    row: Invitation | None = (rows.select_for_update() if lock else rows).first()
    if row is None or not constant_time_compare(_signature(row), key):
        return None
    tenant_holds = Tenant.objects.filter(pk=tenant_id, is_active=True).exists()
    return row if row.is_open and tenant_holds else None


# Accepting


def person_of(row: Invitation) -> User | None:
    """Who has the account of the invited address, if anybody."""
    return User.objects.filter(email=row.email.lower()).first()


def accept_as(user: User, tenant_id: UUID, invitation_id: UUID, key: str) -> Membership:
    """An existing person joins. Raises Problem("not_found"), also for who is not the invited one."""
    with tenant_scope(tenant_id):
        row = opened(tenant_id, invitation_id, key, lock=True)
        if row is None or user.email.lower() != row.email.lower():
            raise Problem("not_found", "This invitation does not hold.")
        return _join(user, row)


def accept_new(tenant_id: UUID, invitation_id: UUID, key: str, name: str, password: str | None) -> Membership:
    """A new person, whose address the letter has proven. None for a password: she uses single sign-on.

    Raises Problem("not_found"), also when the address has an account meanwhile.
    """
    with tenant_scope(tenant_id):
        row = opened(tenant_id, invitation_id, key, lock=True)
        if row is None or person_of(row) is not None:
            raise Problem("not_found", "This invitation does not hold.")
        user = User.objects.create_user(row.email, password, name=one_line(name)[:120])
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return _join(user, row)


def _join(user: User, row: Invitation) -> Membership:
    """A member who was only deactivated stays so: an old letter is no way back in. Raises Problem("not_found")."""
    member = Membership.objects.filter(user=user, tenant_id=row.tenant_id).select_related("user", "tenant").first()
    if member is not None and member.removed_at is None:
        raise Problem("not_found", "This invitation does not hold.")
    member = member or Membership(user=user, tenant_id=row.tenant_id)
    member.role, member.title, member.is_active, member.removed_at = row.role, row.title, True, None
    member.save()
    row.accepted_at, row.accepted_by = timezone.now(), user
    row.save(update_fields=["accepted_at", "accepted_by"])
    audit.record("invitation.accepted", user=user, target=str(row.pk), role=row.role, invited_by=str(row.invited_by_id))
    return member
