from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "csuite.profiles"
    label = "profiles"
