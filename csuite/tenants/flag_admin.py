"""Flags in the admin, with the places in the code that ask for them."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from csuite.tenants import flag_places, flags
from csuite.tenants.models import Flag
from csuite.tenants.scope import platform_scope

if TYPE_CHECKING:
    Rows = admin.ModelAdmin[Any]
else:
    Rows = admin.ModelAdmin  # generic for the type checker only


@admin.register(Flag)
class FlagAdmin(Rows):
    change_list_template = "admin/tenants/flag/change_list.html"
    list_display = ("name", "everyone", "percent", "tenant_settable", "owner", "expires_at", "state", "modified")
    list_filter = ("everyone", "tenant_settable", "owner")
    search_fields = ("name", "note", "owner")
    fields = ("name", "everyone", "percent", "tenants", "users", "groups", "authenticated", "staff", "superusers",
              "tenant_settable", "owner", "expires_at", "note")  # fmt: skip
    autocomplete_fields = ("tenants", "users")
    filter_horizontal = ("groups",)

    @admin.display(description="State")
    def state(self, obj: Flag) -> str:
        if flags.has_expired(obj):
            return "expired: off, take it out"
        return "in use" if obj.name in flag_places.names() else "nobody asks for it"

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "tenants":
            kwargs["help_text"] = "All of their people; with a percentage that share of them, and nobody else's."
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What the code asks for is switched, not deleted."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.name not in flags.SHIPPED)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """What companies chose of the flag goes with it, so this looks across them."""
        with platform_scope(f"admin flag {object_id} delete", user=request.user):  # type: ignore[arg-type]
            response = super().delete_view(request, object_id, extra_context)
            if isinstance(response, TemplateResponse):
                response.render()
            return response

    def get_urls(self) -> list[URLPattern]:
        places = path("places/", self.admin_site.admin_view(self.places), name="tenants_flag_places")
        return [places, *super().get_urls()]

    def places(self, request: HttpRequest) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Where the code asks for flags",
            "places": flag_places.in_code(),
            "dead": flag_places.dead(),
        }
        return TemplateResponse(request, "admin/tenants/flag/places.html", context)
