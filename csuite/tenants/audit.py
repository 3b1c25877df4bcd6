"""Writes down who did what, with before and after: in a tenant for its admins, across tenants for the platform."""

import re
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser

from csuite.tenants.models import AuditEntry, PlatformAudit, User

# Fields whose value is never written down, only that it changed.
SECRET = re.compile(r"password|secret|token|digest|nonce|(?:^|_)key$", re.I)
HIDDEN = "•••"
LONGEST = 2000  # characters of one value


def record(action: str, *, user: User | None = None, target: str = "", **detail: Any) -> None:
    """One act inside the tenant of the open scope. `action` is "noun.deed"; `target` an id; `detail` goes to JSON."""
    AuditEntry.objects.create(action=action, user=user, target=target, detail=detail)


def record_platform(action: str, *, user: "User | AnonymousUser | None", **detail: Any) -> None:
    """One act of a person of the platform, or of the platform itself."""
    who = user if isinstance(user, User) else None
    PlatformAudit.objects.create(action=action, user=who, detail=detail)


def record_change(
    action: str,
    *,
    user: User | None,
    target: str = "",
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    **detail: Any,
) -> None:
    """As `record`, with what differs between `before` and `after`."""
    was, now = difference(before, after)
    record(action, user=user, target=target, before=was, after=now, **detail)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that differ, as they were and as they are; of a secret only that it is another one."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return (
        {name: _shown(name, before[name]) for name in names if name in before},
        {name: _shown(name, after[name]) for name in names if name in after},
    )


def _shown(name: str, value: Any) -> Any:
    if value in (None, "", [], {}):
        return value
    if SECRET.search(name):
        return HIDDEN
    if isinstance(value, bytes | memoryview):
        return f"{len(value)} bytes"
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[:LONGEST]}…"
    return value
