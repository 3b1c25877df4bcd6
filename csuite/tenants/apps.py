from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TenantsConfig(AppConfig):
    name = "csuite.tenants"
    label = "tenants"

    def ready(self) -> None:
        from csuite.tenants import checks, signin_log  # noqa: F401  they register themselves
        from csuite.tenants.rls import secure_after_migrate
        from csuite.tenants.seeds import seed_after_migrate

        post_migrate.connect(seed_after_migrate, sender=self)
        post_migrate.connect(secure_after_migrate, sender=self)
