"""A conversation. Private to the person who asked."""

from django.conf import settings
from django.db import models

from csuite.tenants.models import TenantOwned

TITLE_LENGTH = 120


class Conversation(TenantOwned):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    title = models.CharField(max_length=TITLE_LENGTH, blank=True)
    personas = models.JSONField(default=list, help_text="Keys of who was asked last; the mark in the list.")
    shown = models.JSONField(default=dict, help_text="Which sibling is on screen: parent id or '' -> message id.")
    temporary = models.BooleanField(
        default=False,
        db_default=False,
        help_text="In no list, without a title, deleted some hours after its last word.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()
    pinned_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantOwned.Meta):
        indexes = [
            models.Index(fields=["tenant", "user", "-updated_at"], name="conversation_recent"),
            models.Index(fields=["updated_at"], condition=models.Q(temporary=True), name="conversation_temporary"),
        ]

    def __str__(self) -> str:
        return self.title or ("Temporary conversation" if self.temporary else "New conversation")
