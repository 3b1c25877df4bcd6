"""What the platform may look at over all companies, and changes nowhere: ledger, alerts, batches, reservations."""

from django.contrib import admin

from csuite.analytics.admin_ledger import FILTERS, ShortPaginator
from csuite.analytics.models import Alert, AlertDelivery, BudgetHold, BulkJob, CostCorrection, LedgerEntry
from csuite.tenants.admin import ReadOnly


@admin.register(BudgetHold)
class BudgetHoldAdmin(ReadOnly):
    """Reservations that are open."""

    list_display = ("tenant", "turn", "parts", "created_at", "expires_at")
    list_filter = ("tenant",)
    list_select_related = ("tenant",)
    ordering = ("expires_at",)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnly):
    """One line for each attempt (admin_ledger.py)."""

    list_display = ("started_at", "tenant", "provider", "model", "task", "persona", "tokens", "cost", "currency",
                    "error_kind", "total_ms")  # fmt: skip
    list_filter = FILTERS
    search_fields = ("=request_id", "=turn", "=message", "=conversation")
    list_select_related = ("tenant",)
    show_full_result_count = False
    paginator = ShortPaginator

    @admin.display(description="tokens")
    def tokens(self, row: LedgerEntry) -> str:
        return f"{row.all_tokens:,}"


@admin.register(CostCorrection)
class CostCorrectionAdmin(ReadOnly):
    list_display = ("started_at", "tenant", "entry", "cost_before", "currency_before", "cost", "currency",
                    "price_version")  # fmt: skip
    list_filter = ("started_at", "tenant")
    search_fields = ("=entry", "price_version")
    list_select_related = ("tenant",)
    show_full_result_count = False


@admin.register(Alert)
class AlertAdmin(ReadOnly):
    list_display = ("opened_at", "tenant", "title", "rule", "severity", "state", "recovered_at")
    list_filter = ("severity", "rule", "opened_at", "tenant")
    search_fields = ("title", "scope", "text")
    list_select_related = ("tenant",)


@admin.register(AlertDelivery)
class AlertDeliveryAdmin(ReadOnly):
    """Who was told, and what went wrong. A webhook's address may hold a secret: its host only."""

    list_display = ("made_at", "tenant", "kind", "event", "tries", "sent_at", "error")
    fields = ("tenant", "alert", "kind", "event", "tries", "due_at", "sent_at", "error", "made_at")
    list_filter = ("kind", "event", "made_at", "tenant")
    list_select_related = ("tenant",)


@admin.register(BulkJob)
class BulkJobAdmin(ReadOnly):
    """What was asked and answered is the person's own."""

    list_display = ("created_at", "tenant", "status", "total", "heartbeat_at", "finished_at")
    fields = ("tenant", "user", "status", "total", "created_at", "heartbeat_at", "finished_at")
    list_filter = ("status", "created_at", "tenant")
    list_select_related = ("tenant",)
