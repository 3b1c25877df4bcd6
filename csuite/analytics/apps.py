from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "csuite.analytics"
    label = "analytics"

    def ready(self) -> None:
        from csuite.analytics.alerts import guessed  # noqa: F401  it listens
