"""Who did what: inside a tenant, and across tenants."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from csuite.tenants.models.owned import TenantOwned


class AuditEntry(TenantOwned):
    """One act inside a tenant that somebody may ask about later."""

    append_only = True

    at = models.DateTimeField(auto_now_add=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=120, blank=True)
    detail = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta(TenantOwned.Meta):
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["tenant", "-at"], name="audit_recent")]

    def __str__(self) -> str:
        return self.action


class PlatformAudit(models.Model):
    """A person of the platform looked across tenants or changed something global."""

    append_only = True

    at = models.DateTimeField(auto_now_add=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    action = models.CharField(max_length=60)
    detail = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["-at"], name="platform_audit_recent")]

    def __str__(self) -> str:
        return self.action
