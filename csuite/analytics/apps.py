from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "csuite.analytics"
    label = "analytics"
