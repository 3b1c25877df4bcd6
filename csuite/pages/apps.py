from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "csuite.pages"
    label = "pages"
