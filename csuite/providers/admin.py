"""Prices in the admin: entered, never changed. Whatever is entered is in the platform's audit."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from csuite.providers.models import Price

if TYPE_CHECKING:
    Rows = admin.ModelAdmin[Price]
else:
    Rows = admin.ModelAdmin  # generic for the type checker only


@admin.register(Price)
class PriceAdmin(Rows):
    """A mistake is put right by another row with the same date: the later entered one holds."""

    list_display = ("provider", "model", "valid_from", "currency", "input", "output", "cached_input", "source")
    list_filter = ("provider", "currency")
    search_fields = ("provider", "model", "source")
    date_hierarchy = "valid_from"

    def save_model(self, request: HttpRequest, obj: Price, form: Any, change: bool) -> None:
        obj.entered_by = request.user  # type: ignore[assignment]  # nobody else gets here
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: Price | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Price | None = None) -> bool:
        return False
