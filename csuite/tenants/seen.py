"""When a member was last here, for her admins: written at most every five minutes."""

from datetime import timedelta

from django.utils import timezone

from csuite.tenants.models import Membership

EVERY = timedelta(minutes=5)


def note(member: Membership) -> None:
    now = timezone.now()
    if member.last_seen_at is None or member.last_seen_at < now - EVERY:
        Membership.objects.filter(pk=member.pk).update(last_seen_at=now)
