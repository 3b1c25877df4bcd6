"""What a reader says of one answer: a thumb, and why if she likes to say. Changeable, and taken back by deleting."""

from django.conf import settings
from django.db import models

from csuite.conversations.models.message import Message
from csuite.tenants.models import TenantForeignKey, TenantOwned

LONGEST_COMMENT = 1000


class Rating(TenantOwned):
    """One row per answer and person."""

    class Reason(models.TextChoices):
        RIGHT = "right", "Correct and useful"
        CLEAR = "clear", "Clear and short"
        ACTED = "acted", "I can act on it"
        WRONG = "wrong", "Figures or facts are wrong"
        MISSED = "missed", "It missed my question"
        VAGUE = "vague", "Too vague or too long"
        STALE = "stale", "Based on old data"
        OTHER = "other", "Something else"

    GOOD_REASONS = (Reason.RIGHT, Reason.CLEAR, Reason.ACTED, Reason.OTHER)
    BAD_REASONS = (Reason.WRONG, Reason.MISSED, Reason.VAGUE, Reason.STALE, Reason.OTHER)

    message = TenantForeignKey(Message, models.CASCADE, related_name="ratings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    good = models.BooleanField()
    reason = models.CharField(max_length=10, choices=Reason.choices, blank=True)
    comment = models.TextField(max_length=LONGEST_COMMENT, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "message", "user"], name="rating_once")]
        indexes = [models.Index(fields=["tenant", "updated_at"], name="rating_recent")]

    def __str__(self) -> str:
        return "good" if self.good else "bad"
