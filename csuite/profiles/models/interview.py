"""What was asked and answered while a version of the profile was filled in."""

from django.conf import settings
from django.db import models

from csuite.tenants.models import TenantForeignKey, TenantOwned


class InterviewAnswer(TenantOwned):
    """One answer. text is "" where the question was skipped; reply: what the interviewer said to it.

    is_open: that was a question back, so the same question is answered once more. entered: labels of what was entered
    from it. by_model: who sorted it, "" for the rules.
    """

    profile = TenantForeignKey("profiles.BusinessProfile", models.CASCADE, related_name="answers")
    question = models.CharField(max_length=40)
    asked = models.TextField()
    text = models.TextField(blank=True)
    reply = models.TextField(blank=True)
    is_open = models.BooleanField(default=False)
    entered = models.JSONField(default=list, blank=True)
    by_model = models.CharField(max_length=120, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        ordering = ["answered_at"]

    def __str__(self) -> str:
        return f"{self.question}: {self.text[:60]}"
