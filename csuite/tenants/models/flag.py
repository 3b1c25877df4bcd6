"""Feature flags that know tenants."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from waffle.models import AbstractUserFlag


class Flag(AbstractUserFlag):
    """On or off for everybody, for some people, groups or tenants, or for a stable percentage."""

    tenants = models.ManyToManyField("tenants.Tenant", blank=True, related_name="+")

    def __str__(self) -> str:
        return str(self.name)

    def is_active(self, request: HttpRequest, read_only: bool = False) -> bool:
        """waffle's own templates and decorators get the answer that sockets and jobs get (flags.py)."""
        from csuite.tenants.flags import is_on

        member: Any = getattr(request, "member", None)
        user: Any = request.user if request.user.is_authenticated else None
        return self.pk is not None and is_on(self, member.tenant if member else None, user)
