"""Bringing files in."""

from django.urls import path

from csuite.imports import views

urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/<uuid:run>/", views.import_page, name="import"),
    path("imports/<uuid:run>/progress/", views.import_progress, name="import_progress"),
    path("imports/<uuid:run>/mapping/", views.import_mapping, name="import_mapping"),
    path("imports/<uuid:run>/commit/", views.import_commit, name="import_commit"),
    path("imports/<uuid:run>/undo/", views.import_undo, name="import_undo"),
    path("imports/<uuid:run>/discard/", views.import_discard, name="import_discard"),
]
