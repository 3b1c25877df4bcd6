"""The platform's tables in the admin. Nothing is deleted here: people, memberships and tenants are switched off."""

from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest

from csuite.tenants import audit
from csuite.tenants.models import ApiToken, AuditEntry, Flag, Limit, Membership, PlatformAudit, Tenant, User

if TYPE_CHECKING:
    Rows = admin.ModelAdmin[Any]
else:
    Rows = admin.ModelAdmin  # generic for the type checker only

DEEDS = {1: "admin.add", 2: "admin.change", 3: "admin.delete"}


@receiver(post_save, sender=LogEntry)
def _audit(sender: type[LogEntry], instance: LogEntry, created: bool, **kwargs: Any) -> None:
    """Whatever the admin logs, of any model, goes into the platform's audit, which nobody can change."""
    if created:
        audit.record_platform(
            DEEDS.get(instance.action_flag, "admin.other"),
            user=instance.user,
            model=str(instance.content_type),
            id=str(instance.object_id),
            name=instance.object_repr,
            change=instance.get_change_message(),
        )


class Kept(Rows):
    """Rows that are never deleted by hand."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly(Kept):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(Kept):
    """A new person gets no password here: she sets one through "forgot password"."""

    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name")
    fields = ("email", "name", "is_active", "is_staff", "is_superuser", "groups", "last_login", "date_joined")
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ("groups",)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.email = obj.email.strip().lower()
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Only a superuser makes superusers and staff."""
        mine: Any = request.user
        return (
            self.readonly_fields if mine.is_superuser else (*self.readonly_fields, "is_staff", "is_superuser", "groups")
        )


@admin.register(Tenant)
class TenantAdmin(Kept):
    list_display = ("name", "slug", "plan", "is_active", "created_at")
    list_filter = ("plan", "is_active")
    search_fields = ("name", "slug")


@admin.register(Membership)
class MembershipAdmin(Kept):
    list_display = ("user", "tenant", "role", "is_active")
    list_filter = ("role", "is_active", "tenant")
    search_fields = ("user__email", "tenant__name")
    autocomplete_fields = ("user", "tenant")


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly):
    list_display = ("name", "last_four", "membership", "created_at", "last_used_at", "revoked_at")
    fields = ("name", "last_four", "membership", "created_at", "last_used_at", "revoked_at")


@admin.register(Limit)
class LimitAdmin(Rows):
    list_display = ("name", "plan", "tenant", "amount", "seconds")
    list_filter = ("name", "plan")
    autocomplete_fields = ("tenant",)


@admin.register(Flag)
class FlagAdmin(Rows):
    list_display = ("name", "everyone", "percent", "staff", "superusers", "modified")
    search_fields = ("name", "note")
    fields = (
        "name",
        "everyone",
        "percent",
        "tenants",
        "users",
        "groups",
        "authenticated",
        "staff",
        "superusers",
        "note",
    )
    autocomplete_fields = ("tenants", "users")
    filter_horizontal = ("groups",)


@admin.register(PlatformAudit)
class PlatformAuditAdmin(ReadOnly):
    list_display = ("at", "user", "action", "detail")
    list_filter = ("action",)
    date_hierarchy = "at"


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    list_display = ("at", "tenant", "user", "action", "target")
    list_filter = ("tenant", "action")


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnly):
    """Second factors, without their secrets; deleting one lets a person who lost it sign in again."""

    list_display = ("user", "type", "created_at", "last_used_at")
    fields = ("user", "type", "created_at", "last_used_at")
    search_fields = ("user__email",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        mine: Any = request.user
        return bool(mine.is_superuser)
