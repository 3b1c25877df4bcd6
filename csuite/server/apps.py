from django.apps import AppConfig


class ServerConfig(AppConfig):
    name = "csuite.server"
    label = "server"
