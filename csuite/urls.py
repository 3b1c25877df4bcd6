"""Every address of the product, package by package."""

from django.contrib import admin
from django.urls import include, path

from csuite.analytics.api import router as analytics
from csuite.analytics.gateway import router as llm
from csuite.deals.api import router as deals
from csuite.pages.console import settings_page
from csuite.personas.analysis.api import router as deal_analysis
from csuite.personas.cash_api import router as cashflow
from csuite.personas.writer.api import router as writer
from csuite.profiles.metric_api import router as metrics
from csuite.tenants.api import api, outside
from csuite.tenants.flag_api import router as flags

api.add_router("/llm", llm)
api.add_router("/admin", flags)
api.add_router("/analytics/llm", analytics)
api.add_router("/deals", deals)
api.add_router("/metrics", metrics)
api.add_router("/deals", deal_analysis)
api.add_router("/writer", writer("writer"))
api.add_router("/cashflow", cashflow("cashflow"))
outside.add_router("/cashflow", cashflow("cashflow_outside"))
outside.add_router("/writer", writer("writer_outside"))

urlpatterns = [
    path("", include("csuite.server.urls")),
    path("", include("csuite.pages.urls")),
    path("", include("csuite.tenants.urls")),
    path("", include("csuite.analytics.urls")),
    path("", include("csuite.imports.urls")),
    path("", include("csuite.profiles.urls")),
    path("", include("csuite.conversations.urls")),
    path("", outside.urls),
    path("accounts/", include("allauth.urls")),
    path("admin/settings/", admin.site.admin_view(settings_page.page), name="admin_settings"),
    path("admin/settings/undo/", admin.site.admin_view(settings_page.take_back), name="admin_settings_undo"),
    path("admin/", admin.site.urls),
]

handler400 = "csuite.tenants.problem_pages.bad_request"
handler403 = "csuite.tenants.problem_pages.forbidden"
handler404 = "csuite.tenants.problem_pages.not_found"
handler500 = "csuite.tenants.problem_pages.failed"
