from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "csuite.conversations"
    label = "conversations"
