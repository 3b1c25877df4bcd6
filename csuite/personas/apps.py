from django.apps import AppConfig


class PersonasConfig(AppConfig):
    name = "csuite.personas"
    label = "personas"
