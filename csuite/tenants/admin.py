"""The platform's tables in the admin. Nothing is deleted here: people, memberships and tenants are switched off."""

from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import Truncator

from csuite.tenants import flag_admin, sso  # noqa: F401  flags register themselves
from csuite.tenants.audit import changes
from csuite.tenants.models import (
    ApiToken,
    AuditEntry,
    Invitation,
    Limit,
    Membership,
    OwnedDomain,
    PlatformAudit,
    SsoConnection,
    Tenant,
    User,
)

WORDS = 160  # characters of what an entry says, in the list

if TYPE_CHECKING:
    Rows = admin.ModelAdmin[Any]
else:
    Rows = admin.ModelAdmin  # generic for the type checker only


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
    list_display = ("name", "slug", "plan", "sign_in", "is_active", "created_at")
    list_filter = ("plan", "sign_in", "is_active")
    search_fields = ("name", "slug")


@admin.register(Membership)
class MembershipAdmin(Kept):
    list_display = ("user", "tenant", "role", "is_active", "last_seen_at", "removed_at")
    readonly_fields = ("last_seen_at", "removed_at")
    list_filter = ("role", "is_active", "tenant")
    search_fields = ("user__email", "tenant__name")
    autocomplete_fields = ("user", "tenant")

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        """Who may act again was not removed: her company's administrators must see her."""
        if obj.is_active:
            obj.removed_at = None
        super().save_model(request, obj, form, change)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly):
    list_display = ("name", "last_four", "membership", "created_at", "last_used_at", "revoked_at")
    fields = ("name", "last_four", "membership", "created_at", "last_used_at", "revoked_at")


@admin.register(Limit)
class LimitAdmin(Rows):
    list_display = ("name", "plan", "tenant", "amount", "seconds")
    list_filter = ("name", "plan")
    autocomplete_fields = ("tenant",)


@admin.register(SsoConnection)
class SsoConnectionAdmin(Rows):
    """The client secret stands in the environment; the page says under which name, and why nobody can sign in yet."""

    list_display = ("tenant", "name", "issuer", "is_active", "state")
    autocomplete_fields = ("tenant",)
    readonly_fields = ("secret", "callback", "state")
    fields = ("tenant", "name", "issuer", "client_id", "secret", "callback", "trusts_addresses", "creates_members",
              "default_role", "is_active", "state")  # fmt: skip

    @admin.display(description="Client secret")
    def secret(self, obj: SsoConnection) -> str:
        return f"in {sso.secret_name(obj.tenant)} or {sso.secret_name(obj.tenant)}_FILE" if obj.pk else "save first"

    @admin.display(description="Callback address")
    def callback(self, obj: SsoConnection) -> str:
        return sso.callback_of(obj.tenant) if obj.pk else "save first"

    @admin.display(description="State")
    def state(self, obj: SsoConnection) -> str:
        return (sso.fault(obj) or "ready") if obj.pk else "save first"


@admin.register(OwnedDomain)
class OwnedDomainAdmin(Rows):
    """A domain counts once somebody has verified that the company owns it."""

    list_display = ("domain", "tenant", "verified_at")
    search_fields = ("domain", "tenant__name")
    autocomplete_fields = ("tenant",)
    actions = ("verify",)

    @admin.action(description="Verified: the company owns it")
    def verify(self, request: HttpRequest, queryset: Any) -> None:
        for row in queryset.filter(verified_at=None):
            row.verified_at = timezone.now()
            row.save(update_fields=["verified_at"])
            self.log_change(request, row, "Verified.")


@admin.register(Invitation)
class InvitationAdmin(ReadOnly):
    list_display = ("email", "tenant", "role", "sent_at", "expires_at", "accepted_at", "revoked_at")
    list_filter = ("tenant",)
    fields = ("email", "tenant", "role", "title", "invited_by", "sent_at", "expires_at", "accepted_at", "accepted_by",
              "revoked_at")  # fmt: skip


@admin.register(PlatformAudit)
class PlatformAuditAdmin(ReadOnly):
    list_display = ("at", "user", "action", "what")
    list_filter = ("action", "at")
    search_fields = ("action", "user__email", "detail")
    date_hierarchy = "at"

    @admin.display(description="what")
    def what(self, row: PlatformAudit) -> str:
        """In words; the page of the entry has all of it."""
        said = (f"{name} {was} → {now}" if was else f"{name} {now}" for name, was, now in changes(row.detail))
        return Truncator("; ".join(said)).chars(WORDS)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    list_display = ("at", "tenant", "user", "action", "target")
    list_filter = ("tenant", "action", "at")
    search_fields = ("action", "target", "user__email")


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnly):
    """Second factors, without their secrets; deleting one lets a person who lost it sign in again."""

    list_display = ("user", "type", "created_at", "last_used_at")
    fields = ("user", "type", "created_at", "last_used_at")
    search_fields = ("user__email",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        mine: Any = request.user
        return bool(mine.is_superuser)
