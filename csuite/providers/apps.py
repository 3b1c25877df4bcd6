from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    name = "csuite.providers"
    label = "providers"
