"""Setting flags: the platform all of a row, a tenant's admin on or off for the own company where the flag leaves it."""

from dataclasses import dataclass
from typing import Any

from csuite.tenants import audit
from csuite.tenants.flags import has_expired, is_on, override_of
from csuite.tenants.models import Flag, FlagOverride, Membership
from csuite.tenants.problems import Problem


@dataclass(frozen=True, slots=True)
class Setting:
    """A flag as a tenant's admin sees it: `chosen` by the company (None: not), `on` is what holds for her."""

    name: str
    note: str
    chosen: bool | None
    on: bool
    fixed: bool  # the platform has decided for everybody, or its time is over


def _left_to_tenants() -> Any:  # waffle's manager is typed for waffle's own model
    rows: Any = Flag.objects
    return rows.filter(tenant_settable=True)


def settings_of(member: Membership) -> list[Setting]:
    """The flags left to tenants, by name; in the scope of the member's tenant."""
    return [
        Setting(
            flag.name,
            flag.note,
            override_of(flag, member.tenant),
            is_on(flag, member.tenant, member.user),
            flag.everyone is not None or has_expired(flag),
        )
        for flag in _left_to_tenants().order_by("name")
    ]


def choose(admin: Membership, name: str, on: bool | None) -> Setting:
    """Sets a flag for the own company; None goes back to the platform's choice.

    Raises Problem("not_found") for a flag that is not left to tenants, as for one that does not exist.
    """
    flag = _left_to_tenants().filter(name=name).first()
    if flag is None:
        raise Problem("not_found", "There is no such flag.")
    before = override_of(flag, admin.tenant)
    if on is None:
        FlagOverride.objects.filter(flag=flag).delete()
    else:
        FlagOverride.objects.update_or_create(flag=flag, tenant=admin.tenant, defaults={"on": on, "set_by": admin.user})
    if before != on:
        audit.record_change("flag.set", user=admin.user, target=name, before={"on": before}, after={"on": on})
    return next(one for one in settings_of(admin) if one.name == name)
