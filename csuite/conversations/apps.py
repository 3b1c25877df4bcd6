from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "csuite.conversations"
    label = "conversations"

    def ready(self) -> None:
        from csuite.analytics import ratings
        from csuite.conversations import rating

        ratings.register(rating.count)
        ratings.register_parts(rating.parts)
