"""Is a feature on? For pages, sockets and jobs alike: it needs no request."""

import hashlib

from csuite.tenants.models import Flag, Tenant, User


def is_active_for(name: str, tenant: Tenant | None, user: User | None) -> bool:
    """A flag that nobody made is off. The row is read each time, so a change holds at once."""
    flag = Flag.objects.filter(name=name).first()
    return flag is not None and is_on(flag, tenant, user)


def is_on(flag: Flag, tenant: Tenant | None, user: User | None) -> bool:
    """`everyone` decides alone; else being named (tenant, person, group, kind of person); else the percentage."""
    if flag.everyone is not None:
        return bool(flag.everyone)
    if tenant is not None and flag.tenants.filter(id=tenant.id).exists():
        return True
    if user is not None and _names(flag, user):
        return True
    return within_percentage(flag, tenant, user)


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
    bucket = int.from_bytes(hashlib.sha256(f"{flag.name}:{who.pk}".encode()).digest()[:4])
    return bucket % 1000 < flag.percent * 10
