"""Officers and prompts in the admin. A prompt's way from draft to live has pages of its own (prompt_pages.py)."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path

from csuite.personas import prompt_pages, tokens
from csuite.personas.models import Persona, PromptOverride, PromptRelease, PromptVersion
from csuite.tenants.admin import ReadOnly

if TYPE_CHECKING:
    Rows = admin.ModelAdmin[Any]
else:
    Rows = admin.ModelAdmin  # generic for the type checker only


@admin.register(Persona)
class PersonaAdmin(Rows):
    list_display = ("name", "key", "title", "prompt", "insights", "position", "is_active")
    list_filter = ("is_active",)
    search_fields = ("key", "name", "title")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Answers name their officer by key: one is switched off, never deleted."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("key",) if obj else ()


@admin.register(PromptVersion)
class PromptVersionAdmin(Rows):
    """Drafts can be edited here; what was published is shown. New ones begin as a copy of another version."""

    change_form_template = "admin/personas/prompt_version.html"
    list_display = ("identifier", "status", "is_live", "tier", "note", "created_by", "created_at", "published_at")
    list_filter = ("status", "tier", "name")
    search_fields = ("name", "note", "body")
    fields = ("name", "version", "status", "note", "body", "requires", "tier", "temperature", "max_tokens", "size",
              "created_by", "created_at", "reviewed_by", "reviewed_at", "published_by", "published_at")  # fmt: skip
    _WORDS = frozenset({"note", "body", "requires", "tier", "temperature", "max_tokens"})

    @admin.display(boolean=True, description="Live")
    def is_live(self, obj: PromptVersion) -> bool:
        return prompt_pages.live_id(obj.name) == obj.pk

    @admin.display(description="Tokens")
    def size(self, obj: PromptVersion) -> str:
        return f"about {tokens.count(obj.body):,}, without what is filled in"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        writable = self._WORDS if obj is not None and obj.status == PromptVersion.Status.DRAFT else frozenset()
        return tuple(name for name in self.fields if name not in writable)

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        found = PromptVersion.objects.filter(pk=object_id).first() if object_id.isdigit() else None
        extra = {"desk": prompt_pages.desk(found)} if found else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    def get_urls(self) -> list[URLPattern]:
        pages = [
            ("compare", prompt_pages.compare),
            ("preview", prompt_pages.try_it),
            ("release", prompt_pages.release),
            ("step", prompt_pages.step),
        ]
        ours = [
            path(
                f"<int:version>/{name}/",
                self.admin_site.admin_view(view),
                name=f"personas_promptversion_{name}",
            )
            for name, view in pages
        ]
        named = path(
            "named/<str:identifier>/",
            self.admin_site.admin_view(prompt_pages.named),
            name="personas_promptversion_named",
        )
        return [named, *ours, *super().get_urls()]


@admin.register(PromptRelease)
class PromptReleaseAdmin(ReadOnly):
    list_display = ("at", "name", "version", "before", "action", "by", "reason")
    list_filter = ("action", "name")
    date_hierarchy = "at"


@admin.register(PromptOverride)
class PromptOverrideAdmin(ReadOnly):
    list_display = ("name", "tenant", "version", "reason", "by", "at")
    list_filter = ("name", "tenant")
