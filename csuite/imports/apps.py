from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "csuite.imports"
    label = "imports"
