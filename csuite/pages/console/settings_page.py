"""One page that explains every setting: its value, where that comes from, who changed it, and when it takes effect."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from csuite.pages.console.explained import rows, variables
from csuite.tenants.scope import platform_scope


@require_safe
def page(request: HttpRequest) -> HttpResponseBase:
    """For platform staff; looks at what companies have otherwise, which is written down."""
    user: Any = request.user
    with platform_scope("admin settings", user=user):
        areas = [*variables.explained(), *rows.explained()]
    context = {**admin.site.each_context(request), "title": "Settings", "areas": areas}
    return TemplateResponse(request, "admin/settings.html", context)
