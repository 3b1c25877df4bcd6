"""Who changed a setting last, and what: from the audits of the platform and of the companies."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from csuite.analytics.models import Budget
from csuite.pages.console.explained.record import said
from csuite.providers.models import Release
from csuite.tenants.models import AuditEntry, Flag, FlagOverride, PlatformAudit, Tenant

PLATFORM, COMPANY = "platform", "company"  # whose audit
LOGS: dict[str, Any] = {PLATFORM: PlatformAudit, COMPANY: AuditEntry}
ADDED, CHANGED = "admin.add", "admin.change"
RELEASES = ("release.current", "release.reverted")
BUDGETS = ("budget.created", "budget.changed")
ACTIONS = {
    PLATFORM: (ADDED, CHANGED, "flag.set", *RELEASES),
    COMPANY: ("flag.set", "company.sign_in", *BUDGETS),
}
STAMPS = ("changed_at", "changed_by", "modified")
MOST = 5000  # entries of each audit; what was changed before them says "not recorded"
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of an audit that is about one setting."""

    log: str
    entry: Any

    @property
    def name(self) -> str:
        """As a form sends it back."""
        return f"{self.log}:{self.entry.pk}"

    def __str__(self) -> str:
        who = self.entry.user.email if self.entry.user else "csuite"
        what = "; ".join(difference(self.entry.detail))
        return f"{who}, {self.entry.at:%Y-%m-%d %H:%M} UTC" + (f": {what}" if what else "")


def difference(detail: dict[str, Any]) -> Iterator[str]:
    """Field by field what was and what is, without the stamps of the change itself."""
    was, now = detail.get("before"), detail.get("after")
    if not isinstance(was, dict) or not isinstance(now, dict):
        return
    for name in {**was, **now}:
        if name not in STAMPS:
            yield f"{name.replace('_', ' ')} {said(was.get(name)) or 'none'} → {said(now.get(name)) or 'none'}"


def latest() -> dict[Key, Change]:
    """The newest change of each setting. In the platform's scope."""
    found: dict[Key, Change] = {}
    for log, actions in ACTIONS.items():
        entries = LOGS[log].objects.filter(action__in=actions).select_related("user").order_by("-at", "-pk")[:MOST]
        for entry in entries:
            change, key = Change(log, entry), key_of(log, entry)
            known = found.get(key)
            if known is None or known.entry.at < entry.at:
                found[key] = change
    return found


def key_of(log: str, entry: Any) -> Key:
    """What an entry is about. Two audits may speak of one setting, as both do of a company's sign-in."""
    detail = entry.detail
    if entry.action in (ADDED, CHANGED):
        return (str(detail.get("model")), str(detail.get("id")))
    if entry.action == "flag.set":
        return ("flag", detail.get("name", "")) if log == PLATFORM else ("override", str(entry.tenant_id), entry.target)
    if entry.action in RELEASES:
        return ("release", str(detail.get("to") or detail.get("label")))
    return (entry.action.partition(".")[0], entry.target)


def keys_of(row: Model) -> list[Key]:
    """What entries about a row may be about."""
    keys: list[Key] = [(kind_of(type(row)), str(row.pk))]
    if isinstance(row, Flag):
        keys.append(("flag", str(row.name)))
    elif isinstance(row, FlagOverride):
        keys.append(("override", str(row.tenant_id), str(row.flag.name)))
    elif isinstance(row, Budget):
        keys.append(("budget", str(row.pk)))
    elif isinstance(row, Tenant):
        keys.append(("company", str(row.pk)))
    elif isinstance(row, Release):
        keys.append(("release", str(row.label)))
    return keys


def kind_of(model: type[Model]) -> str:
    """As the admin's audit names a table."""
    return str(ContentType.objects.get_for_model(model))


def newest(changes: Mapping[Key, Change], keys: Iterable[Key]) -> Change | None:
    known = [changes[key] for key in keys if key in changes]
    return max(known, key=lambda change: change.entry.at, default=None)
