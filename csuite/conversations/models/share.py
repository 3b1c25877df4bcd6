"""A snapshot of a conversation that colleagues may read until it ends or is revoked."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from csuite.conversations.models.conversation import TITLE_LENGTH, Conversation
from csuite.tenants.models import TenantForeignKey, TenantOwned


class Share(TenantOwned):
    """`snapshot` is what was on screen when it was shared (sharing/snapshot.py); what is said later is not in it."""

    conversation = TenantForeignKey(Conversation, models.CASCADE, related_name="shares")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    title = models.CharField(max_length=TITLE_LENGTH)
    snapshot = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta(TenantOwned.Meta):
        indexes = [models.Index(fields=["tenant", "user", "-created_at"], name="share_of_person")]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def open(cls) -> models.QuerySet["Share"]:
        """Those that can be read now, by the database's clock."""
        rows: models.QuerySet[Share] = cls.objects.filter(revoked_at=None, expires_at__gt=Now())
        return rows
