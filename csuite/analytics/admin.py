"""Money of all companies for the platform: budgets to look at, exchange rates to enter, costs to compute again."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from csuite.analytics import admin_looking  # noqa: F401  registers what is only looked at
from csuite.analytics.models import Budget, ExchangeRate, Recalculation
from csuite.analytics.recalculating import Wanted, recalculate
from csuite.tenants.admin import ReadOnly
from csuite.tenants.audit import record_platform
from csuite.tenants.models import Tenant, User
from csuite.tenants.scope import platform_scope, tenant_scope


@admin.register(Budget)
class BudgetAdmin(ReadOnly):
    list_display = ("tenant", "scope", "persona", "user", "period", "amount", "currency", "hard", "changed_at")
    list_filter = ("scope", "period", "hard", "tenant")
    list_select_related = ("tenant",)


if TYPE_CHECKING:
    _Form = forms.ModelForm[Recalculation]
else:
    _Form = forms.ModelForm  # generic for the type checker only


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ReadOnly):
    """Entered, never changed: of two rows with one day the later entered holds."""

    list_display = ("source", "target", "rate", "valid_from", "entered_at", "entered_by")
    list_filter = ("source", "target")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(admin.ModelAdmin.has_add_permission(self, request))

    def save_model(self, request: HttpRequest, obj: ExchangeRate, form: Any, change: bool) -> None:
        obj.entered_by = request.user  # type: ignore[assignment]  # nobody else gets here
        super().save_model(request, obj, form, change)


class RecalculationForm(_Form):
    """Which calls are to be computed again. Without a company: those of all companies."""

    class Meta:
        model = Recalculation
        fields = ("tenant", "provider", "model", "since", "until", "unpriced_only", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "tenant" in self.fields:
            self.fields["tenant"].required = False
            self.fields["tenant"].help_text = "Empty: all companies."

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and since >= until:
            self.add_error("until", "It must lie after the beginning.")
        return data

    def _get_validation_exclusions(self) -> set[str]:
        """The row's own company and counts come from the deed."""
        return {*super()._get_validation_exclusions(), "tenant"}  # type: ignore[misc]


@admin.register(Recalculation)
class RecalculationAdmin(ReadOnly):
    """Adding one computes costs again, by the prices that are entered now. It cannot be changed afterwards."""

    list_display = ("at", "tenant", "user", "provider", "model", "checked", "corrected", "unpriced", "reason")
    list_filter = ("unpriced_only",)
    form = RecalculationForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(admin.ModelAdmin.has_add_permission(self, request))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return RecalculationForm.Meta.fields if obj is None else super().get_fields(request, obj)

    def save_model(self, request: HttpRequest, obj: Recalculation, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        wanted = Wanted(obj.since, obj.until, obj.reason, obj.provider, obj.model, obj.unpriced_only)
        chosen: Tenant | None = form.cleaned_data.get("tenant")
        done = [_in(tenant, wanted, request.user) for tenant in ([chosen] if chosen else Tenant.objects.all())]
        record_platform(
            "usage.recalculated", user=request.user, companies=len(done), corrected=sum(one.corrected for one in done),
            reason=obj.reason, provider=obj.provider, model=obj.model,
        )  # fmt: skip
        most = max(done, key=lambda one: one.corrected)
        obj.pk, obj.tenant_id = most.pk, most.tenant_id  # where the admin leads on to


def _in(tenant: Tenant, wanted: Wanted, user: User) -> Recalculation:
    with platform_scope("recalculate"), tenant_scope(tenant.id):
        return recalculate(wanted, user)
