"""Health: no sign-in, no limits."""

from django.urls import path

from csuite.server.health import healthz, readyz

urlpatterns = [path("healthz", healthz, name="healthz"), path("readyz", readyz, name="readyz")]
