"""The admin's start page: the state of things. settings.ADMIN_START names `panels`."""

from typing import Any

from django.http import HttpRequest

from csuite.analytics.rollups.filling import fill_due
from csuite.pages.console import answering, cost, waiting
from csuite.pages.console.panel import Panel
from csuite.tenants.scope import platform_scope


def panels(request: HttpRequest) -> list[Panel]:
    """Looks across all companies, which is written down."""
    user: Any = request.user
    now = answering.panels()
    with platform_scope("admin start page", user=user):
        fill_due()
        return [*now, waiting.alerts(), *cost.panels(), waiting.jobs(), waiting.drafts()]
