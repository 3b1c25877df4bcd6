"""What was used and what it cost."""

from django.urls import path

from csuite.analytics.alerts.views import alert_acknowledge, alert_channel, alerts
from csuite.analytics.budgets.views import budget, budget_raise, budget_raise_end, budget_remove, budgets
from csuite.analytics.exposition import metrics
from csuite.analytics.views import usage, usage_calls, usage_csv, usage_recalculate, usage_xlsx

urlpatterns = [
    path("usage/", usage, name="usage"),
    path("usage/calls/", usage_calls, name="usage_calls"),
    path("usage/calls.csv", usage_csv, name="usage_csv"),
    path("usage/calls.xlsx", usage_xlsx, name="usage_xlsx"),
    path("usage/recalculate/", usage_recalculate, name="usage_recalculate"),
    path("usage/budgets/", budgets, name="budgets"),
    path("usage/budgets/<uuid:budget>/", budget, name="budget"),
    path("usage/budgets/<uuid:budget>/remove/", budget_remove, name="budget_remove"),
    path("usage/budgets/<uuid:budget>/raise/", budget_raise, name="budget_raise"),
    path("usage/budgets/raises/<uuid:raised>/end/", budget_raise_end, name="budget_raise_end"),
    path("usage/alerts/", alerts, name="alerts"),
    path("usage/alerts/<uuid:alert>/acknowledge/", alert_acknowledge, name="alert_acknowledge"),
    path("usage/alerts/channels/<uuid:channel>/", alert_channel, name="alert_channel"),
    path("metrics", metrics, name="metrics"),
]
