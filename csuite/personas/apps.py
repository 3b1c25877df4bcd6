from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PersonasConfig(AppConfig):
    name = "csuite.personas"
    label = "personas"

    def ready(self) -> None:
        from csuite.personas import metric_names
        from csuite.personas.findings.hearing import hear
        from csuite.personas.seeds import seed_after_migrate

        post_migrate.connect(seed_after_migrate, sender=self)
        metric_names.hear()  # before insights are looked for
        hear()
