"""ASGI entry point: HTTP through Django, sockets through Channels."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csuite.settings")

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

http = get_asgi_application()

from csuite.conversations.routing import websocket  # noqa: E402
from csuite.conversations.runner import runner  # noqa: E402

router = ProtocolTypeRouter({"http": http, "websocket": websocket})


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Daphne has no lifespan events: the first request of any kind starts this process's turn runner."""
    runner()
    await router(scope, receive, send)
