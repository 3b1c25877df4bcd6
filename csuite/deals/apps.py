from django.apps import AppConfig


class DealsConfig(AppConfig):
    name = "csuite.deals"
    label = "deals"

    def ready(self) -> None:
        from csuite.deals.importing import register_targets

        register_targets()
