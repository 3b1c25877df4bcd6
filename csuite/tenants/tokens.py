"""Bearer tokens for programs: `cs_` and 256 random bits, kept as a SHA-256, bound to one membership.

A fast hash is enough: nobody guesses 256 bits, and the lookup by hash takes the same time for any wrong token.
"""

import hashlib
import re
import secrets
from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from csuite.tenants import audit, policy
from csuite.tenants.access import acting
from csuite.tenants.models import ApiToken, Membership, User
from csuite.tenants.problems import Problem
from csuite.tenants.scope import tenant_scope

FORM = re.compile(r"cs_[A-Za-z0-9_-]{43}")
MOST = 20  # living tokens of one membership
USED_EVERY = timedelta(minutes=1)
NAME_LENGTH = 80


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def make(member: Membership, name: str) -> tuple[ApiToken, str]:
    """The row, and the token itself, which is not kept and cannot be shown again. Raises Problem("bad_frame")."""
    name = " ".join(name.split())[:NAME_LENGTH]
    if not name.isprintable() or not name:
        raise Problem("bad_frame", "Give the token a name, so that you know later what uses it.")
    if member.tokens.filter(revoked_at=None).count() >= MOST:
        raise Problem("bad_frame", f"You have {MOST} tokens here already; revoke one you no longer need.")
    secret = f"cs_{secrets.token_urlsafe(32)}"
    with tenant_scope(member.tenant_id):
        row = ApiToken.objects.create(membership=member, name=name, digest=digest(secret), last_four=secret[-4:])
        audit.record("token.made", user=member.user, target=str(row.id), name=name)
    return row, secret


def tokens_of(user: User) -> list[ApiToken]:
    """Her living tokens in all her companies, newest first."""
    rows = ApiToken.objects.filter(membership__user=user, revoked_at=None)
    return list(rows.select_related("membership__tenant"))


def revoke(user: User, token_id: UUID) -> None:
    """Only one's own. Raises Problem("not_found") for any other."""
    row = ApiToken.objects.filter(id=token_id, membership__user=user).select_related("membership").first()
    if row is None:
        raise Problem("not_found", "There is no such token.")
    with tenant_scope(row.membership.tenant_id):
        if ApiToken.objects.filter(id=row.id, revoked_at=None).update(revoked_at=timezone.now()):
            audit.record("token.revoked", user=user, target=str(row.id), name=row.name)


def token_of_request(request: HttpRequest) -> ApiToken:
    """The token of the Authorization header, with its membership, user and tenant.

    Raises Problem: signed_out for one that is unknown or revoked, suspended if its membership no longer holds.
    """
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    known = scheme.lower() == "bearer" and FORM.fullmatch(secret)
    row = (
        ApiToken.objects.filter(digest=digest(secret), revoked_at=None)
        .select_related("membership__user", "membership__tenant")
        .first()
        if known
        else None
    )
    if row is None:
        raise Problem("signed_out", "This token is not valid.", headers={"WWW-Authenticate": "Bearer"})
    if not row.membership.holds:
        raise Problem("suspended", "This access is suspended.")
    _note_use(row)
    return row


def _note_use(row: ApiToken) -> None:
    """At most once a minute: a busy program must not write with every request."""
    now = timezone.now()
    if row.last_used_at is None or row.last_used_at < now - USED_EVERY:
        ApiToken.objects.filter(id=row.id).update(last_used_at=now)


def member_of_request(request: HttpRequest) -> Membership:
    """Who acts, by token or session, where the middleware has looked. Raises Problem: signed_out, suspended,
    or forbidden when the company asks more of the sign-in.
    """
    member: Membership | None = getattr(request, "member", None)
    if member:
        return member
    if request.user.is_authenticated:
        lacking = acting(request.user, request.session)[1]
        if lacking is not None:
            raise Problem("forbidden", policy.WORDS[lacking])
        raise Problem("suspended", "You do not belong to an active company here.")
    raise Problem("signed_out", "Sign in first.")
