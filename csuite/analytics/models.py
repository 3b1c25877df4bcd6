"""What model calls cost: the ledger, and what the caches saved; the rows of other files are named here for Django.

Both are append-only and hold no names: persons are ids that are anonymized in the user table. Conversation,
message and deal are plain ids without foreign keys: they lie above this package and the ledger outlives them.
"""

from decimal import Decimal

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils import timezone

from csuite.analytics.alerts.rows import Alert, AlertChannel, AlertDelivery
from csuite.analytics.begun import BegunAttempt
from csuite.analytics.budgets.rows import Budget, BudgetCounter, BudgetHold, BudgetRaise
from csuite.analytics.bulk.models import BulkItem, BulkJob
from csuite.analytics.corrections import CostCorrection, ExchangeRate, Recalculation
from csuite.analytics.rollups import (
    ROLLUPS,
    CacheCell,
    DealCell,
    DueHour,
    ErrorCell,
    FillState,
    ModelCell,
    PaceCell,
    PersonaCell,
    PersonCell,
    StageCell,
)
from csuite.tenants.models import TenantOwned

__all__ = [
    "ROLLUPS",
    "Alert",
    "AlertChannel",
    "AlertDelivery",
    "BegunAttempt",
    "Budget",
    "BudgetCounter",
    "BudgetHold",
    "BudgetRaise",
    "BulkItem",
    "BulkJob",
    "CacheCell",
    "CacheEvent",
    "CostCorrection",
    "DealCell",
    "DueHour",
    "ErrorCell",
    "ExchangeRate",
    "FillState",
    "LedgerEntry",
    "ModelCell",
    "PaceCell",
    "PersonCell",
    "PersonaCell",
    "Recalculation",
    "StageCell",
]


def money(help_text: str = "") -> "models.DecimalField[Decimal | None, Decimal | None]":
    """An amount as it was computed: ten decimal places, never rounded to cents. Null is unknown, not zero."""
    return models.DecimalField(max_digits=20, decimal_places=10, null=True, help_text=help_text)


def tokens(help_text: str = "") -> "models.PositiveIntegerField[int | None, int | None]":
    """A count of tokens. Null: the provider said nothing about it."""
    return models.PositiveIntegerField(null=True, help_text=help_text)


def where_known(field: str) -> models.Q:
    return models.Q(**{f"{field}__isnull": False})


class LedgerEntry(TenantOwned):
    """One attempt at one provider: exactly one row each, cancelled and failed ones included.

    The id is made before the row is written, so writing the same attempt again (a replay) changes nothing.
    """

    append_only = True

    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(help_text="When the attempt began; reports go by it, in UTC.")

    # Who asked for what
    user = models.UUIDField(null=True)
    conversation = models.UUIDField(null=True)
    message = models.UUIDField(null=True)
    turn = models.UUIDField(null=True)
    deal = models.UUIDField(null=True)
    persona = models.CharField(max_length=40, blank=True)
    task = models.CharField(max_length=40)
    kind = models.CharField(max_length=40, blank=True, help_text="The stage of a turn or of an analysis.")
    prompt_version = models.CharField(max_length=120, blank=True)
    experiment = models.CharField(max_length=120, blank=True)

    # Who answered
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=200)
    tier = models.CharField(max_length=20, blank=True)
    number = models.PositiveSmallIntegerField(default=1, help_text="Which attempt of its call, from 1.")
    fallback = models.BooleanField(default=False)
    request_id = models.CharField(max_length=200, blank=True, help_text="The provider's own id.")

    # What it used, in the provider's own counts
    prompt_tokens = tokens()
    completion_tokens = tokens()
    cached_tokens = tokens()
    cache_write_tokens = tokens()
    reasoning_tokens = tokens()
    cached_apart = models.BooleanField(
        default=False, help_text="Cached and cache-write tokens are not within the prompt count (Anthropic)."
    )
    estimated = models.BooleanField(default=False)
    cache = models.CharField(max_length=20, blank=True, help_text="Our own cache: hit, miss or off.")
    compression_saved = tokens("Prompt tokens that compression took away.")

    # What it cost
    cost = money()
    currency = models.CharField(max_length=3, blank=True)
    price_version = models.CharField(max_length=80, blank=True)
    billed_cost = money("The provider's own figure, kept beside ours.")

    # How it went
    ttft_ms = models.PositiveIntegerField(null=True, help_text="To the first text; null unless streamed.")
    total_ms = models.PositiveIntegerField(null=True)
    finish_reason = models.CharField(max_length=60, blank=True)
    error_kind = models.CharField(max_length=30, blank=True)
    json_valid = models.BooleanField(null=True)

    class Meta(TenantOwned.Meta):
        db_table = "ledger"
        ordering = ["-started_at", "-id"]
        verbose_name_plural = "ledger entries"
        indexes = [
            BrinIndex(fields=["started_at"], name="ledger_time", autosummarize=True),
            models.Index(fields=["tenant", "-started_at", "-id"], name="ledger_recent"),
            models.Index(fields=["tenant", "user", "-started_at"], name="ledger_person"),
            models.Index(fields=["message"], name="ledger_message", condition=where_known("message")),
            models.Index(fields=["turn"], name="ledger_turn", condition=where_known("turn")),
            models.Index(fields=["deal"], name="ledger_deal", condition=where_known("deal")),
            models.Index(
                fields=["provider", "model", "started_at"],
                name="ledger_unpriced",
                condition=models.Q(cost__isnull=True),
            ),
            models.Index(fields=["provider", "request_id"], name="ledger_request", condition=~models.Q(request_id="")),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.model} at {self.started_at:%Y-%m-%d %H:%M:%S}"

    @property
    def all_tokens(self) -> int:
        """All tokens of the call: what a provider counts apart from its prompt is added."""
        apart = (self.cached_tokens or 0) + (self.cache_write_tokens or 0) if self.cached_apart else 0
        return (self.prompt_tokens or 0) + (self.completion_tokens or 0) + apart

    @property
    def unpriced(self) -> bool:
        return self.cost is None


class CacheEvent(TenantOwned):
    """A hit, a miss or an eviction of one of our caches, and what a hit saved."""

    append_only = True

    at = models.DateTimeField(default=timezone.now)
    event = models.CharField(max_length=20, help_text="hit, miss or eviction")
    cache = models.CharField(max_length=20, help_text="exact or semantic")
    task = models.CharField(max_length=40, blank=True)
    persona = models.CharField(max_length=40, blank=True)
    provider = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=200, blank=True)
    user = models.UUIDField(null=True)
    message = models.UUIDField(null=True)
    tokens_saved = tokens()
    cost_saved = money()
    currency = models.CharField(max_length=3, blank=True)

    class Meta(TenantOwned.Meta):
        db_table = "cache_event"
        ordering = ["-at"]
        indexes = [
            BrinIndex(fields=["at"], name="cache_event_time", autosummarize=True),
            models.Index(fields=["tenant", "-at"], name="cache_event_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.cache} {self.event}"
