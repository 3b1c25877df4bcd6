"""What the company knows about itself."""

from django.urls import path

from csuite.profiles.metric_pages import metric, metrics_list

urlpatterns = [
    path("profile/metrics/", metrics_list, name="metrics_list"),
    path("profile/metrics/<slug:metric>/", metric, name="metric"),
]
