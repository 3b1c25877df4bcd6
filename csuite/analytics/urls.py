"""What was used and what it cost."""

from django.urls import path

from csuite.analytics.exposition import metrics
from csuite.analytics.views import usage, usage_csv

urlpatterns = [
    path("usage/", usage, name="usage"),
    path("usage/calls.csv", usage_csv, name="usage_csv"),
    path("metrics", metrics, name="metrics"),
]
