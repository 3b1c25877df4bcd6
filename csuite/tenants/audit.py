"""Writes down who did what, with before and after: in a tenant for its admins, across tenants for the platform."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from csuite.tenants.models import AuditEntry, PlatformAudit, User

log = structlog.get_logger(__name__)

# Fields whose value is never written down, only that it changed.
SECRET = re.compile(r"password|secret|token|digest|nonce|(?:^|_)key$", re.I)
HIDDEN = "•••"
LONGEST = 2000  # characters of one value


def record(action: str, *, user: User | None = None, target: str = "", **detail: Any) -> None:
    """One act inside the tenant of the open scope. `action` is "noun.deed"; `target` an id; `detail` goes to JSON."""
    row = AuditEntry.objects.create(action=action, user=user, target=target, detail=detail)
    _tell(action, user, row.tenant_id, {"target": target, **detail})


def record_platform(action: str, *, user: "User | AnonymousUser | None", **detail: Any) -> None:
    """One act of a person of the platform, or of the platform itself."""
    who = user if isinstance(user, User) else None
    PlatformAudit.objects.create(action=action, user=who, detail=detail)
    _tell(action, who, None, detail)


# Facts of an entry that stand in its log line, too: ids and names of things, never what somebody wrote.
TOLD = ("target", "model", "id", "name", "prompt", "label", "to", "role", "provider", "error", "setting", "tries")


def _tell(action: str, user: User | None, tenant: UUID | None, detail: Mapping[str, Any]) -> None:
    """One line, once it is kept. Of what changed only which fields; the values are in the audit."""
    changed = sorted({*_fields(detail.get("before")), *_fields(detail.get("after"))})
    facts = {name: str(detail[name])[:200] for name in TOLD if detail.get(name)}
    who = {"user": str(user.pk) if user else "", "tenant": str(tenant or "")}
    transaction.on_commit(lambda: log.info("audited", action=action, **who, changed=changed, **facts), robust=True)


def _fields(values: Any) -> list[str]:
    return list(values) if isinstance(values, Mapping) else []


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


def changes(detail: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(field, before, after) of what an entry says changed, then its other facts with nothing before; nor has what was
    made anew. Fields that were nothing and still are have no line.
    """
    was, now = (found if isinstance(found := detail.get(name), dict) else {} for name in ("before", "after"))
    told = [name for name in {**was, **now} if any(found.get(name) not in (None, "") for found in (was, now))]
    lines = [(name, _text(was.get(name)) if was else "", _text(now.get(name))) for name in told]
    others = [(name, "", _text(value)) for name, value in detail.items() if name not in ("before", "after")]
    return [(name.replace("_", " "), before, after) for name, before, after in lines + others]


def _text(value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
