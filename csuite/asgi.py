"""ASGI entry point: HTTP through Django, sockets through Channels."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csuite.settings")

from channels.routing import ProtocolTypeRouter  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402

http = get_asgi_application()

from csuite.conversations.routing import websocket  # noqa: E402

application = ProtocolTypeRouter({"http": http, "websocket": websocket})
