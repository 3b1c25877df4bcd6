"""A decision, what was changed of it, and the reminders of it. The company's: every member sees it."""

from django.conf import settings
from django.db import models

from csuite.conversations.models.message import Message
from csuite.tenants.models import TenantForeignKey, TenantOwned

TEXT_LENGTH = 2000


class Decision(TenantOwned):
    """`record` is a copy of what it rests on (decisions/recording.py): the conversation stays its asker's own."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        DONE = "done", "Done"
        REVIEWED = "reviewed", "Reviewed"

    class Outcome(models.TextChoices):
        WORKED = "worked", "It worked"
        PARTLY = "partly", "It worked in part"
        FAILED = "failed", "It did not work"

    text = models.TextField(max_length=TEXT_LENGTH)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True)
    due = models.DateField(null=True, blank=True)
    review = models.DateField(null=True, blank=True, help_text="When to look whether it worked.")
    decided_at = models.DateTimeField(null=True, help_text="When it was approved or rejected.")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    outcome_text = models.TextField(max_length=TEXT_LENGTH, blank=True)
    message = TenantForeignKey(Message, models.SET_NULL, related_name="+", null=True)
    record = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantOwned.Meta):
        indexes = [models.Index(fields=["tenant", "status", "-created_at"], name="decision_in_order")]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 80 else f"{self.text[:79]}…"


class DecisionChange(TenantOwned):
    """One thing that somebody changed. Never changed itself."""

    append_only = True

    decision = TenantForeignKey(Decision, models.CASCADE, related_name="changes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    field = models.CharField(max_length=20)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)

    class Meta(TenantOwned.Meta):
        indexes = [models.Index(fields=["decision", "at"], name="decision_changes")]

    def __str__(self) -> str:
        return f"{self.field}: {self.before} -> {self.after}"


class DecisionReminder(TenantOwned):
    """One letter to the owner; the row is there before the letter goes, and goes once for each threshold and day."""

    class Kind(models.TextChoices):
        WEEK = "week", "a week before it is due"
        DAY = "day", "the day before it is due"
        LATE = "late", "the day after it was due"
        REVIEW = "review", "the day of its review"

    decision = TenantForeignKey(Decision, models.CASCADE, related_name="reminders")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    day = models.DateField(help_text="The date that it reminds of; another date is another reminder.")
    target = models.EmailField()
    made_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(null=True, help_text="When it is tried next; null once it is over.")
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["decision", "kind", "day"], name="reminded_once")]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="reminder_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.day}"
