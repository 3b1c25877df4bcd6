"""When a member was last here: for her admins, written at most every five minutes; for her own home page, by visits."""

from datetime import datetime, timedelta

from django.utils import timezone

from csuite.tenants.models import Membership

EVERY = timedelta(minutes=5)
VISIT = timedelta(minutes=30)  # looking at home again within it is the same visit


def note(member: Membership) -> None:
    now = timezone.now()
    if member.last_seen_at is None or member.last_seen_at < now - EVERY:
        Membership.objects.filter(pk=member.pk).update(last_seen_at=now)


def visit(member: Membership) -> datetime | None:
    """Since when things are new to her: her visit before this one; None at the first."""
    now = timezone.now()
    if member.visit_at is not None and member.visit_at >= now - VISIT:
        return member.visit_before
    Membership.objects.filter(pk=member.pk).update(visit_at=now, visit_before=member.visit_at)
    return member.visit_at
