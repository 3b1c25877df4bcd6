"""`python -m bench.bare`: a bare Channels consumer on csuite's own Daphne launcher and csuite's own reader.

No sign-in, no database, nothing saved: what a relay on these parts costs at the least. UPSTREAM is the provider's
base URL, PORT where to listen.
"""

import asyncio
import os

import uvloop

asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())

from django.conf import settings  # noqa: E402

settings.configure(CHANNEL_LAYERS={}, LLM={})

from contextlib import aclosing  # noqa: E402
from typing import Any  # noqa: E402

import orjson  # noqa: E402
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter  # noqa: E402

from csuite.llm.call import Call, Message  # noqa: E402
from csuite.llm.dialects import Said  # noqa: E402
from csuite.llm.dialects.openai import OpenAI  # noqa: E402
from csuite.llm.providers import Provider  # noqa: E402
from csuite.llm.registry import Route  # noqa: E402
from csuite.server.asgi_server import WebServer  # noqa: E402
from csuite.server.listen import listening_socket  # noqa: E402

PROVIDER = Provider("bench", key_wanted=False)
CALL = Call(messages=(Message("user", "hello"),))


class Relay(AsyncWebsocketConsumer):
    """One frame in names the model; each delta goes out as a frame."""

    task: asyncio.Task[None] | None = None

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        self.task = asyncio.ensure_future(self.relay(orjson.loads(text_data or "")["model"]))

    async def disconnect(self, code: int) -> None:
        if self.task:
            self.task.cancel()

    async def relay(self, model: str) -> None:
        route = Route(PROVIDER, model, os.environ["UPSTREAM"])
        async with aclosing(OpenAI().run(CALL, route, Said(), streamed=True)) as texts:
            async for text in texts:
                await self.say(orjson.dumps({"type": "text", "text": text}).decode())
        await self.say('{"type":"done"}')

    async def say(self, text: str) -> None:
        await self.base_send({"type": "websocket.send", "text": text})


async def healthz(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


if __name__ == "__main__":
    with listening_socket() as listener:
        socket: Any = Relay
        router: Any = ProtocolTypeRouter
        application = router({"http": healthz, "websocket": socket.as_asgi()})
        WebServer(application, listener=listener, trust_proxy=False, access_log=False).run()
