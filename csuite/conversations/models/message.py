"""A question or an answer. Messages are only appended; an answer is written once, when its turn closes."""

from typing import Any

from django.db import models

from csuite.conversations.models.conversation import Conversation
from csuite.tenants.models import TenantForeignKey, TenantOwned


class Message(TenantOwned):
    class Kind(models.TextChoices):
        QUESTION = "question"
        ANSWER = "answer"

    class Role(models.TextChoices):
        ANSWER = "answer"
        SYNTHESIS = "synthesis"

    class Status(models.TextChoices):
        QUEUED = "queued"
        STREAMING = "streaming"
        COMPLETE = "complete"
        STOPPED = "stopped"
        INTERRUPTED = "interrupted"
        FAILED = "failed"

    conversation = TenantForeignKey(Conversation, models.CASCADE, related_name="messages")
    turn = TenantForeignKey("conversations.Turn", models.CASCADE, related_name="messages", null=True)
    parent = TenantForeignKey("self", models.CASCADE, related_name="children", null=True)
    continues = TenantForeignKey("self", models.SET_NULL, related_name="+", null=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.ANSWER)
    persona = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.COMPLETE)
    text = models.TextField(blank=True)
    earlier = models.JSONField(
        null=True, help_text="Wordings of a question before it was changed in place, oldest first."
    )
    html = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=0, help_text="Among the answers of its turn.")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    provider = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=200, blank=True)
    prompt_version = models.CharField(max_length=80, blank=True)
    note = models.TextField(blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    finish_reason = models.CharField(max_length=40, blank=True)
    synthesis = models.JSONField(null=True, help_text="The minutes (boardroom/minutes.py), of a synthesis.")
    evidence = models.JSONField(default=list, help_text="Where its figures come from, as in the socket contract.")
    data_age = models.JSONField(default=dict, help_text="How old its data were: as_of, closed_on, late.")
    prompt_tokens = models.IntegerField(null=True)
    completion_tokens = models.IntegerField(null=True)
    cached_tokens = models.IntegerField(null=True)
    reasoning_tokens = models.IntegerField(null=True)
    estimated = models.BooleanField(default=False)
    cost = models.DecimalField(max_digits=20, decimal_places=10, null=True, help_text="Null: unknown, which is not 0.")
    currency = models.CharField(max_length=3, default="USD")
    cache = models.CharField(max_length=4, default="off")
    ttft_ms = models.IntegerField(null=True)
    total_ms = models.IntegerField(null=True)
    # Sequence numbers of its first, last text and last frame: a finished turn replays with the numbers it had.
    seq_started = models.IntegerField(null=True)
    seq_text = models.IntegerField(null=True)
    seq_finished = models.IntegerField(null=True)

    class Meta(TenantOwned.Meta):
        indexes = [
            models.Index(fields=["conversation", "created_at"], name="message_in_order"),
            models.Index(fields=["turn"], name="message_of_turn"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"

    @property
    def usage(self) -> dict[str, Any]:
        """As in the socket contract; counts are null where the provider said nothing."""
        return {
            "prompt": self.prompt_tokens,
            "completion": self.completion_tokens,
            "cached": self.cached_tokens,
            "reasoning": self.reasoning_tokens,
            "cost": None if self.cost is None else f"{self.cost:.4f}",
            "currency": self.currency,
            "estimated": self.estimated,
            "cache": self.cache,
        }
