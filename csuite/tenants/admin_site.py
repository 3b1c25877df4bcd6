"""Django's admin for platform staff: allauth signs in, https asks for a second factor, looks and acts are recorded."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.utils.module_loading import import_string

from csuite.tenants.admin_rooms import by_room
from csuite.tenants.models import TenantOwned
from csuite.tenants.scope import platform_scope

# What other packages would show: secrets in clear (TOTP, social apps and tokens), doubles of what we have, and
# schedules, with which staff could run any task with any argument (ours stand in settings).
HIDDEN = ("mfa.", "socialaccount.", "waffle.", "django_celery_results.", "django_celery_beat.")


def needs_second_factor(user: Any) -> bool:
    return bool(settings.HTTPS) and user.is_staff and not is_mfa_enabled(user)


class Site(admin.AdminSite):
    site_header = site_title = "csuite platform"
    index_title = "Platform"
    enable_nav_sidebar = False

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")  # bulk deletion leaves no trace of what was deleted

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Leaves out the tables of HIDDEN unless we wrote their page."""
        single = isinstance(model_or_iterable, type)
        models_: list[type[models.Model]] = [model_or_iterable] if single else list(model_or_iterable)
        ours = admin_class is not None and admin_class.__module__.startswith("csuite.")
        shown = [model for model in models_ if ours or not model._meta.label.startswith(HIDDEN)]
        super().register(shown, _audited(admin_class), **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not needs_second_factor(request.user)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Django's own form would go round allauth's limits and second factor."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if request.user.is_staff and needs_second_factor(request.user):
            messages.warning(request, "Platform staff need two-step sign-in here.")
            return redirect("mfa_index")
        if self.has_permission(request):
            return redirect("admin:index")
        raise PermissionDenied

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """By room; the page of one app stays Django's."""
        apps: list[Any] = super().get_app_list(request, app_label)
        return apps if app_label else by_room(apps)

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        """The start page: the rooms, and the state of things as ADMIN_START tells it."""
        state = import_string(settings.ADMIN_START)(request)
        return super().index(request, {**(extra_context or {}), "panels": state})

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_change_password")

    def admin_view(self, view: Callable[..., HttpResponseBase], cacheable: bool = False) -> Any:
        """A page over tenants' rows sees all of them, and who looked is written down."""
        model = getattr(getattr(view, "__self__", None), "model", None)
        if isinstance(model, type) and issubclass(model, TenantOwned):
            view = _looking_across(view, model)
        return super().admin_view(view, cacheable)


def _audited(admin_class: Any) -> Any:
    """Every page writes before and after down, whoever wrote it (admin_audit.py)."""
    from csuite.tenants.admin_audit import Audited  # late: this file is read before the models are

    base = admin_class or admin.ModelAdmin
    return base if issubclass(base, Audited) else type(base.__name__, (Audited, base), {"__module__": base.__module__})


def _looking_across(view: Callable[..., HttpResponseBase], model: type[models.Model]) -> Callable[..., Any]:
    @wraps(view)
    def look(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with platform_scope(f"admin {model._meta.label} {request.path}", user=request.user):  # type: ignore[arg-type]
            response = view(request, *args, **kwargs)
            if isinstance(response, SimpleTemplateResponse):
                response.render()
            return response

    return look
