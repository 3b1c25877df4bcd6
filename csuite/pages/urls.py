from django.urls import path

from csuite.pages import views
from csuite.pages.pipeline import pipeline

urlpatterns = [
    path("", views.home, name="home"),
    path("pipeline/", pipeline, name="pipeline"),
    path("profile/", views.profile, name="profile"),
]
