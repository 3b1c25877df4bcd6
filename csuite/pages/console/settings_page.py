"""One page that explains every setting: its value, where that comes from, who changed it, and when it takes effect;
with the last change of a row taken back by one button.
"""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST, require_safe

from csuite.pages.console.explained import rows, variables
from csuite.pages.console.explained.restoring import NotUndone
from csuite.pages.console.explained.undoing import undo
from csuite.tenants.scope import platform_scope


@require_safe
def page(request: HttpRequest) -> HttpResponseBase:
    """For platform staff; looks at what companies have otherwise, which is written down."""
    return _shown(request)


@require_POST
def take_back(request: HttpRequest) -> HttpResponseBase:
    """Undoes the change named `change`; 409 and the page, with the reason, where that cannot be."""
    try:
        done = undo(request, request.POST.get("change", ""))
    except NotUndone as refused:
        messages.error(request, f"Nothing was undone. {refused}")
        return _shown(request, status=409)
    messages.success(request, f"Undone: {done}.")
    return redirect("admin_settings")


def _shown(request: HttpRequest, status: int = 200) -> HttpResponseBase:
    user: Any = request.user
    with platform_scope("admin settings", user=user):
        areas = [*variables.explained(), *rows.explained()]
    context = {**admin.site.each_context(request), "title": "Settings", "areas": areas}
    return TemplateResponse(request, "admin/settings.html", context, status=status)
