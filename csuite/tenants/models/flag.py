"""Feature flags that know tenants."""

from django.db import models
from waffle.models import AbstractUserFlag


class Flag(AbstractUserFlag):
    """On or off for everybody, for some people, groups or tenants, or for a stable percentage."""

    tenants = models.ManyToManyField("tenants.Tenant", blank=True, related_name="+")

    def __str__(self) -> str:
        return str(self.name)
