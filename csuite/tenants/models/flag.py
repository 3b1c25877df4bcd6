"""Feature flags that know tenants."""

from typing import Any

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from waffle.models import AbstractUserFlag

from csuite.tenants.models.owned import TenantOwned


class Flag(AbstractUserFlag):
    """On or off for everybody, for some people, groups or tenants, or for a stable percentage."""

    tenants = models.ManyToManyField("tenants.Tenant", blank=True, related_name="+")
    owner = models.CharField(max_length=120, blank=True, help_text="Who decides about it and takes it out again.")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="From then on it counts as off.")
    tenant_settable = models.BooleanField(default=False, help_text="A tenant admin may set it for the own company.")

    def __str__(self) -> str:
        return str(self.name)

    def is_active(self, request: HttpRequest, read_only: bool = False) -> bool:
        """waffle's own templates and decorators get the answer that sockets and jobs get (flags.py)."""
        from csuite.tenants.flags import is_on

        member: Any = getattr(request, "member", None)
        user: Any = request.user if request.user.is_authenticated else None
        tenant = member.tenant if member else None
        return self.pk is not None and is_on(self, tenant, user, request.headers)


class FlagOverride(TenantOwned):
    """What a tenant's admin chose for the own company, of a flag that leaves it to her."""

    flag = models.ForeignKey(Flag, models.CASCADE, related_name="+")
    on = models.BooleanField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    set_at = models.DateTimeField(auto_now=True)

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "flag"], name="flag_override_once")]

    def __str__(self) -> str:
        return f"{self.flag}: {'on' if self.on else 'off'}"
