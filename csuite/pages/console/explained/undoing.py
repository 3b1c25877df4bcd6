"""Takes the last change of a setting back, from the before and after of its audit entry.

Never over somebody else's change: the entry must be the newest of its setting, and the row must still be as it left
it. What was put back is read again, so a write that came to nothing is an error. The undoing is a change like any
other: with its own entry, which can be undone. What was added is taken away, where settings then are what they were
before: a company, an officer, a price or a rate of exchange has a history by then, and is switched off or followed by
another.
"""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest

from csuite.analytics.budgets import changing
from csuite.analytics.models import Budget
from csuite.pages.console.explained import restoring
from csuite.pages.console.explained.changes import (
    ADDED,
    BUDGETS,
    CHANGED,
    COMPANY,
    LOGS,
    PLATFORM,
    Change,
    Key,
    key_of,
    keys_of,
    kind_of,
    latest,
    newest,
)
from csuite.pages.console.explained.restoring import NotUndone
from csuite.providers.models import LanguageModel, ProviderSetting, Release, TaskSetting
from csuite.providers.releases import current_release, make_current
from csuite.tenants import audit
from csuite.tenants.models import Flag, FlagOverride, Limit, SignIn, SsoConnection, Tenant
from csuite.tenants.scope import platform_scope, tenant_scope

REMOVABLE = (Flag, LanguageModel, Limit, ProviderSetting, SsoConnection, TaskSetting)


def can_be_undone(change: Change) -> bool:
    """Whether there is a way back at all; whether the row still fits is seen when it is tried."""
    detail = change.entry.detail
    if (change.log, change.entry.action) not in WAYS or detail.get("below"):
        return False
    if change.entry.action == "release.current":
        return bool(detail.get("before"))
    if change.entry.action == ADDED:
        return detail.get("model") in {kind_of(model) for model in REMOVABLE}
    if change.entry.action == BUDGETS[0]:
        return True
    return isinstance(detail.get("before"), dict) and bool(detail["before"])


def undo(request: HttpRequest, name: str) -> str:
    """`name` as changes.Change.name. Gives what was undone, in words. Raises NotUndone, PermissionDenied."""
    user: Any = request.user
    with platform_scope(f"undo {name[:60]}", user=user):
        change = _named(name)
        key = key_of(change.log, change.entry)
        found = newest(latest(), _kin(key))
        if found is None or found.entry.pk != change.entry.pk or found.log != change.log:
            raise NotUndone("It was changed again since then. Look at what it is now first.")
        said = WAYS[change.log, change.entry.action](request, change.entry)
        audit.record_platform("setting.undone", user=user, setting=said, entry=name)
    return said


def _named(name: str) -> Change:
    log, _, key = name.partition(":")
    rows = LOGS[log].objects if log in LOGS else None
    try:
        entry = rows.select_related("user").filter(pk=key).first() if rows is not None else None
    except (ValueError, ValidationError):
        entry = None
    if entry is None or not can_be_undone(Change(log, entry)):
        raise NotUndone("There is no such change, or it cannot be taken back.")
    return Change(log, entry)


def _kin(key: Key) -> list[Key]:
    """All keys of one row: a flag and a company are spoken of under two."""
    row: Any = None
    if key[0] in ("flag", kind_of(Flag)):
        row = Flag.objects.filter(**{"name" if key[0] == "flag" else "pk": key[1]}).first()
    elif key[0] in ("company", kind_of(Tenant)):
        row = Tenant.objects.filter(pk=key[1]).first()
    return keys_of(row) if row is not None else [key]


def _allow(request: HttpRequest, right: str) -> None:
    user: Any = request.user
    if not user.has_perm(right):
        raise PermissionDenied


def _admin_change(request: HttpRequest, entry: Any) -> str:
    return restoring.restore(request, restoring.row_of(entry.detail), entry.detail)


def _added(request: HttpRequest, entry: Any) -> str:
    return restoring.remove(request, restoring.row_of(entry.detail), entry.detail)


def _flag_set(request: HttpRequest, entry: Any) -> str:
    row: Any = Flag.objects.select_for_update().filter(name=entry.detail.get("name", "")).first()
    return restoring.restore(request, row, entry.detail)


def _flag_chosen(request: HttpRequest, entry: Any) -> str:
    """A company's choice."""
    _allow(request, "tenants.change_flag")
    user: Any = request.user
    was, now = entry.detail["before"].get("on"), entry.detail["after"].get("on")
    with tenant_scope(entry.tenant_id):
        flags: Any = Flag.objects  # waffle's manager is typed for waffle's own model
        flag = flags.filter(name=entry.target, tenant_settable=True).first()
        row = FlagOverride.objects.select_for_update().filter(flag=flag).first() if flag else None
        if flag is None or (row.on if row else None) != now:
            raise NotUndone("It is no more as that change left it.")
        if was is None:
            FlagOverride.objects.filter(flag=flag).delete()
        else:
            FlagOverride.objects.update_or_create(
                flag=flag, tenant_id=entry.tenant_id, defaults={"on": was, "set_by": user}
            )
        audit.record_change("flag.set", user=user, target=entry.target, before={"on": now}, after={"on": was})
    return f"{entry.target} for {entry.tenant}"


def _sign_in(request: HttpRequest, entry: Any) -> str:
    """A company's sign-in policy, which its admin may set too."""
    _allow(request, "tenants.change_tenant")
    user: Any = request.user
    was, now = entry.detail["before"].get("sign_in"), entry.detail["after"].get("sign_in")
    tenant = Tenant.objects.select_for_update(no_key=True).get(pk=entry.tenant_id)
    if tenant.sign_in != now or was not in SignIn.values:
        raise NotUndone("It is no more as that change left it.")
    tenant.sign_in = SignIn(was)
    tenant.save(update_fields=["sign_in"])
    with tenant_scope(tenant.pk):
        audit.record_change(
            "company.sign_in", user=user, target=str(tenant.pk), before={"sign_in": now}, after={"sign_in": was}
        )
    return f"sign-in of {tenant}"


def _budget(request: HttpRequest, entry: Any) -> str:
    _allow(request, "analytics.change_budget")
    user: Any = request.user
    with tenant_scope(entry.tenant_id):
        row = Budget.objects.select_for_update().filter(id=entry.target).first()
        if row is None or row.facts() != entry.detail["after"]:
            raise NotUndone("It is no more as that change left it.")
        before = row.facts()
        restoring.put(row, {name: value for name, value in entry.detail["before"].items() if before.get(name) != value})
        changing.change(row, before, user)
        kept = Budget.objects.get(id=row.pk).facts()
        if any(kept.get(name) != value for name, value in entry.detail["before"].items()):
            raise NotUndone("The database did not keep it.")
    return f"budget {row} of {entry.tenant}"


def _budget_made(request: HttpRequest, entry: Any) -> str:
    _allow(request, "analytics.change_budget")
    user: Any = request.user
    with tenant_scope(entry.tenant_id):
        row = Budget.objects.select_for_update().filter(id=entry.target).first()
        if row is None or row.facts() != entry.detail["after"]:
            raise NotUndone("It is no more as it was made.")
        said = f"budget {row} of {entry.tenant} was made"
        changing.remove(row, user)
    return said


def _release(request: HttpRequest, entry: Any) -> str:
    _allow(request, "providers.change_release")
    user: Any = request.user
    now, target = current_release(), Release.objects.filter(label=entry.detail["before"]).first()
    if now is None or now.label != entry.detail["label"] or target is None:
        raise NotUndone("Another release is current by now.")
    make_current(target, user)
    return f"release {now}: {target} is current"


WAYS = {
    (PLATFORM, ADDED): _added,
    (PLATFORM, CHANGED): _admin_change,
    (PLATFORM, "flag.set"): _flag_set,
    (PLATFORM, "release.current"): _release,
    (COMPANY, "flag.set"): _flag_chosen,
    (COMPANY, "company.sign_in"): _sign_in,
    (COMPANY, BUDGETS[0]): _budget_made,
    (COMPANY, BUDGETS[1]): _budget,
}
