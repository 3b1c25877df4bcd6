"""One question and its answers, while they are being made and after."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from csuite.conversations.models.conversation import Conversation
from csuite.tenants.models import TenantForeignKey, TenantOwned

if TYPE_CHECKING:
    from csuite.conversations.models.message import Message


class Turn(TenantOwned):
    """`client_id` makes sending idempotent; `runner` is the process that writes, alive while `heartbeat_at` moves."""

    class Kind(models.TextChoices):
        ASK = "ask"
        REGENERATE = "regenerate"
        CONTINUE = "continue"

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        FINISHED = "finished"

    conversation = TenantForeignKey(Conversation, models.CASCADE, related_name="turns")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    client_id = models.CharField(max_length=64)
    fingerprint = models.CharField(
        max_length=64, help_text="SHA-256 of what was sent: the same id with other text is refused."
    )
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.ASK)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    number = models.PositiveIntegerField(help_text="Counts the turns of the conversation; the order of the queue.")
    question = TenantForeignKey("conversations.Message", models.CASCADE, related_name="+")
    runner = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    last_seq = models.IntegerField(default=-1, help_text="Of the last frame, once finished.")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    answer_rows: "list[Message] | None" = None  # no column: left by whoever has just written or read them

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "user", "client_id"], name="turn_sent_once"),
            models.UniqueConstraint(fields=["conversation", "number"], name="turn_number"),
            # However many processes race: one turn of a conversation runs at a time.
            models.UniqueConstraint(
                fields=["conversation"], condition=models.Q(status="running"), name="turn_one_running"
            ),
        ]
        indexes = [
            models.Index(fields=["heartbeat_at"], condition=models.Q(status="running"), name="turn_running"),
            models.Index(fields=["conversation", "number"], condition=models.Q(status="queued"), name="turn_queue"),
        ]

    def __str__(self) -> str:
        return f"turn {self.number}, {self.status}"
