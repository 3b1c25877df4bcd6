"""Addresses of this package."""

from django.urls import path

from csuite.tenants import views
from csuite.tenants.api import api

urlpatterns = [
    path("tenants/act/", views.act, name="act"),
    path("profile/access/", views.access, name="access"),
    path("profile/access/<uuid:token>/revoke/", views.revoke_token, name="token_revoke"),
    path("api/v1/", api.urls),
]
