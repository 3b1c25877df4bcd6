"""What was used and what it cost."""

from django.urls import path

from csuite.analytics.exposition import metrics
from csuite.analytics.views import usage, usage_calls, usage_csv, usage_recalculate, usage_xlsx

urlpatterns = [
    path("usage/", usage, name="usage"),
    path("usage/calls/", usage_calls, name="usage_calls"),
    path("usage/calls.csv", usage_csv, name="usage_csv"),
    path("usage/calls.xlsx", usage_xlsx, name="usage_xlsx"),
    path("usage/recalculate/", usage_recalculate, name="usage_recalculate"),
    path("metrics", metrics, name="metrics"),
]
