"""Writes down who did what: in a tenant for its admins, across tenants for the platform."""

from typing import Any

from django.contrib.auth.models import AnonymousUser

from csuite.tenants.models import AuditEntry, PlatformAudit, User


def record(action: str, *, user: User | None = None, target: str = "", **detail: Any) -> None:
    """One act inside the tenant of the open scope. `action` is "noun.deed"; `target` an id; `detail` goes to JSON."""
    AuditEntry.objects.create(action=action, user=user, target=target, detail=detail)


def record_platform(action: str, *, user: "User | AnonymousUser | None", **detail: Any) -> None:
    """One act of a person of the platform, or of the platform itself."""
    who = user if isinstance(user, User) else None
    PlatformAudit.objects.create(action=action, user=who, detail=detail)
