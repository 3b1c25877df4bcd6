"""Sockets by path."""

from channels.routing import URLRouter
from django.urls import path, re_path

from csuite.conversations.consumers import ConversationSocket, NoSocket

websocket = URLRouter(
    [
        path("ws/conversations/<uuid:conversation>/", ConversationSocket.as_asgi()),
        re_path(r"", NoSocket.as_asgi()),
    ]
)
