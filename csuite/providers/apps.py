from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ProvidersConfig(AppConfig):
    name = "csuite.providers"
    label = "providers"

    def ready(self) -> None:
        from csuite.providers.seeds import seed_after_migrate

        post_migrate.connect(seed_after_migrate, sender=self)
