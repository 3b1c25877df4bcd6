"""Is a feature on? For pages, sockets and jobs alike: it needs no request.

Every flag that the code asks for stands in SHIPPED and has a row on every installation (seeds.py).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from csuite.tenants.models import Flag, FlagOverride, Tenant, User
from csuite.tenants.scope import tenant_scope

HEADER = "X-Feature-Flag"  # names a flag that is on for this request; platform staff only


@dataclass(frozen=True, slots=True)
class Shipped:
    """A flag that the code asks for, as its row begins."""

    note: str
    owner: str
    first: Mapping[str, Any] = field(default_factory=dict)


SHIPPED = {
    "llm-off": Shipped(
        "Kill switch: no language model is asked, the built-in analyst answers.",
        "platform",
        {"everyone": False, "superusers": False},
    ),
    "deal-analysis": Shipped(
        "Deals can be analyzed: facts from notes, held against the records, and a view. Costs model calls.",
        "platform",
        {"superusers": False, "tenant_settable": True},
    ),
}


def is_active_for(
    name: str, tenant: Tenant | None, user: User | None, headers: Mapping[str, str] | None = None
) -> bool:
    """A flag that nobody made is off. The row is read each time, so a change holds at once.

    `headers` of a request, where there is one: HEADER turns a flag on for platform staff.
    """
    flag = Flag.objects.filter(name=name).first()
    return flag is not None and is_on(flag, tenant, user, headers)


def is_on(flag: Flag, tenant: Tenant | None, user: User | None, headers: Mapping[str, str] | None = None) -> bool:
    """Past its end it is off. `everyone` decides alone; else the header of staff; else what the tenant's admin chose,
    if the flag leaves it to her; else being named (person, group, kind of person); else the named tenants and the
    percentage: with both, that share of the people of these tenants; with one of them, what it says.
    """
    if has_expired(flag):
        return False
    if flag.everyone is not None:
        return bool(flag.everyone)
    if flag.name in asked_for(headers, user):
        return True
    chosen = override_of(flag, tenant)
    if chosen is not None:
        return chosen
    if user is not None and _names(flag, user):
        return True
    if not flag.percent:
        return _names_tenant(flag, tenant)
    return (_names_tenant(flag, tenant) or not flag.tenants.exists()) and within_percentage(flag, tenant, user)


def has_expired(flag: Flag) -> bool:
    return flag.expires_at is not None and flag.expires_at <= timezone.now()


def asked_for(headers: Mapping[str, str] | None, user: User | None) -> set[str]:
    """The flags that a request of platform staff turns on for itself; nothing for anybody else."""
    if headers is None or user is None or not (user.is_active and user.is_staff):
        return set()
    return {name.strip() for name in headers.get(HEADER, "").split(",")} - {""}


def override_of(flag: Flag, tenant: Tenant | None) -> bool | None:
    """What the tenant's admin chose; None if she did not, or may not."""
    if tenant is None or not flag.tenant_settable:
        return None
    with tenant_scope(tenant.id):
        found: bool | None = FlagOverride.objects.filter(flag=flag).values_list("on", flat=True).first()
    return found


def _names_tenant(flag: Flag, tenant: Tenant | None) -> bool:
    return tenant is not None and bool(flag.tenants.filter(id=tenant.id).exists())


def _names(flag: Flag, user: User) -> bool:
    return bool(
        flag.authenticated
        or (flag.staff and user.is_staff)
        or (flag.superusers and user.is_superuser)
        or flag.users.filter(id=user.id).exists()
        or flag.groups.filter(user=user).exists()
    )


def within_percentage(flag: Flag, tenant: Tenant | None, user: User | None) -> bool:
    """The same person (without one: tenant) gets the same answer in every process, and stays in as it grows."""
    who = user or tenant
    if flag.percent is None or who is None:
        return False
    return bucket(flag.name, who.pk) < flag.percent * 10


def bucket(name: str, who: object) -> int:
    """0 to 999, evenly, by a hash of flag and person: another flag chooses other people."""
    return int.from_bytes(hashlib.sha256(f"{name}:{who}".encode()).digest()[:4]) % 1000
