from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "csuite.profiles"
    label = "profiles"

    def ready(self) -> None:
        from csuite.profiles.importing import register_targets

        register_targets()
