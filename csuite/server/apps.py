from importlib import import_module

from django.apps import AppConfig


class ServerConfig(AppConfig):
    name = "csuite.server"
    label = "server"

    def ready(self) -> None:
        """Tasks are sent by whoever has the application: every process, not only a worker.

        By name: the project's own modules stand above this package.
        """
        import_module("csuite.celery")
