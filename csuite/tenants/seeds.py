"""Rows that every installation has: the platform's own tenant, the default limits, the flags that the code asks for."""

from typing import Any

from csuite.tenants.models import Flag, Limit, Tenant
from csuite.tenants.models.tenant import PLATFORM_SLUG

# name -> (how often, in how many seconds)
DEFAULT_LIMITS = {
    "chat": (10, 60),
    "api": (100, 15 * 60),
    "expensive": (5, 60 * 60),
    "user_minute": (30, 60),
    "user_day": (14_400, 24 * 60 * 60),
}
# Of staff and of whoever guesses ids: no limit that a company has, so its page of limits does not show them.
INNER_LIMITS = {
    "connection_test": (10, 60),
    "misses": (60, 10 * 60),
}


def seed_after_migrate(using: str, **kwargs: Any) -> None:
    Tenant.objects.using(using).get_or_create(slug=PLATFORM_SLUG, defaults={"name": "csuite"})
    for name, (amount, seconds) in (DEFAULT_LIMITS | INNER_LIMITS).items():
        Limit.objects.using(using).get_or_create(
            name=name, plan="", tenant=None, defaults={"amount": amount, "seconds": seconds}
        )
    from csuite.tenants.flags import SHIPPED  # late: limits.py reads this file while the models load

    for name, flag in SHIPPED.items():
        Flag.objects.using(using).get_or_create(
            name=name, defaults={"note": flag.note, "owner": flag.owner, **flag.first}
        )
