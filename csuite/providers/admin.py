"""Providers, models, tasks, releases and prices in the admin. Whatever is entered is in the platform's audit."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from csuite.llm.capabilities import known
from csuite.llm.providers import table
from csuite.providers import releases, standing, testing
from csuite.providers.models import LanguageModel, Price, ProviderSetting, Release, TaskSetting, TierModel

if TYPE_CHECKING:
    Rows = admin.ModelAdmin[Any]
    Lines = admin.StackedInline[Any, Any]
else:
    Rows = admin.ModelAdmin  # generic for the type checker only
    Lines = admin.StackedInline


class Kept(Rows):
    """Rows that are never deleted by hand, and know who changed them last."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if hasattr(obj, "changed_by_id"):
            obj.changed_by = request.user
        super().save_model(request, obj, form, change)


@admin.register(Price)
class PriceAdmin(Kept):
    """Entered, never changed: a mistake is put right by another row with the same date, for the later one holds."""

    list_display = ("provider", "model", "valid_from", "currency", "input", "output", "cached_input", "source")
    list_filter = ("provider", "currency")
    search_fields = ("provider", "model", "source")
    date_hierarchy = "valid_from"

    def save_model(self, request: HttpRequest, obj: Price, form: Any, change: bool) -> None:
        obj.entered_by = request.user  # type: ignore[assignment]  # nobody else gets here
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: Price | None = None) -> bool:
        return False


class ProviderForm(ModelForm):  # type: ignore[type-arg]  # generic for the type checker only
    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if name not in table():
            raise ValidationError("There is no such provider in the code or in the settings.")
        return name


@admin.register(ProviderSetting)
class ProviderSettingAdmin(Kept):
    """How providers are asked. Keys come from the environment; here are their last four characters and their age."""

    form = ProviderForm
    list_display = ("name", "enabled", "address", "key", "health", "test", "changed_at", "changed_by")
    readonly_fields = ("address", "key", "health", "changed_at", "changed_by")

    @admin.display(description="asked at")
    def address(self, row: ProviderSetting) -> str:
        return standing.address(row)

    @admin.display(description="key")
    def key(self, row: ProviderSetting) -> str:
        return standing.key(row.name)

    @admin.display(description="last check")
    def health(self, row: ProviderSetting) -> str:
        return standing.health(row.name)

    @admin.display(description="connection")
    def test(self, row: ProviderSetting) -> str:
        url = reverse("admin:providers_providersetting_test", args=[row.pk])
        return format_html('<a href="{}" aria-label="Test the connection of {}">Test</a>', url, row.name)

    def get_urls(self) -> list[URLPattern]:
        test = path(
            "<int:setting>/test/",
            self.admin_site.admin_view(self.test_connection),
            name="providers_providersetting_test",
        )
        return [test, *super().get_urls()]

    def test_connection(self, request: HttpRequest, setting: int) -> HttpResponseBase:
        """What would be asked; a POST asks. Only the saved row counts: nothing of the request says where."""
        row = get_object_or_404(ProviderSetting, pk=setting)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        user: Any = request.user
        context = {
            **self.admin_site.each_context(request),
            "title": "Test connection",
            "row": row,
            "result": testing.connection(row.name, user) if request.method == "POST" else None,
            **{name: getattr(self, name)(row) for name in ("address", "key", "health")},
        }
        return TemplateResponse(request, "admin/providers/providersetting/test.html", context)


@admin.register(LanguageModel)
class LanguageModelAdmin(Kept):
    list_display = ("provider", "name", "title", "enabled", "holds", "changed_at", "changed_by")
    list_filter = ("provider", "enabled")
    search_fields = ("provider", "name", "title")

    @admin.display(description="holds")
    def holds(self, row: LanguageModel) -> str:
        window = row.window or known(row.provider, row.name).window
        return f"{window:,} tokens" if window else "not known"


@admin.register(TaskSetting)
class TaskSettingAdmin(Kept):
    list_display = ("task", "tier", "complex_tier", "prompt_cap", "completion_cap", "changed_at", "changed_by")


class TierModelLines(Lines):
    model = TierModel
    extra = 3
    autocomplete_fields = ("model",)

    def has_change_permission(self, request: HttpRequest, obj: Release | None = None) -> bool:
        return obj is None or obj.state == Release.State.DRAFT

    has_add_permission = has_delete_permission = has_change_permission


@admin.register(Release)
class ReleaseAdmin(Rows):
    """A release is put together as a draft, made current, and never changed after that: then going back means what
    it says.
    """

    list_display = ("label", "state", "note", "current_since", "ended_at", "ended_because", "created_by")
    list_filter = ("state",)
    readonly_fields = ("state", "current_since", "ended_at", "ended_because", "created_by")
    inlines = (TierModelLines,)
    actions = ("make_current",)

    def save_model(self, request: HttpRequest, obj: Release, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user  # type: ignore[assignment]  # nobody else gets here
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: Release | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.state == Release.State.DRAFT)

    def has_delete_permission(self, request: HttpRequest, obj: Release | None = None) -> bool:
        return False

    @admin.action(description="Make current", permissions=["change"])
    def make_current(self, request: HttpRequest, chosen: "QuerySet[Release]") -> None:
        """From now on its models answer, in every process."""
        if len(chosen) != 1:
            self.message_user(request, "Choose one release.", messages.ERROR)
            return
        releases.make_current(chosen[0], request.user)  # type: ignore[arg-type]  # nobody else gets here
        self.message_user(request, f"{chosen[0]} is current.")
