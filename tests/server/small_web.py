"""Our Daphne over a small application, run as a process of its own by test_web: `python -m … trust|direct`."""

import asyncio
import socket
import sys
from typing import Any

from django.conf import settings

settings.configure(DRAIN_HOOKS=["__main__.finish"])

import csuite.server.web  # noqa: E402, F401 - sets the event loop policy, so it comes first
from csuite.server.asgi_server import WebServer  # noqa: E402

CHUNK = b"x" * 65536


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def finish(seconds: float) -> None:
    say("hook began", seconds)
    await asyncio.sleep(0.2)
    say("hook ended")


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await talk(scope, receive, send)
    elif scope["path"] == "/stream":
        await stream(send)
    else:
        body = f"{scope['client'][0]} {scope['root_path']!r} {type(asyncio.get_running_loop()).__module__}"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body.encode()})


async def talk(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """/flood sends without end; elsewhere each message is answered by its length."""
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] != "websocket.disconnect":
        if scope["path"] == "/flood" and message["type"] == "websocket.connect":
            asyncio.get_running_loop().create_task(flood(send))
        elif message["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": str(len(message["text"]))})
    say("closed", message["code"])


async def flood(send: Any) -> None:
    for _ in range(4000):
        await send({"type": "websocket.send", "bytes": CHUNK})
        await asyncio.sleep(0)


async def stream(send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for number in range(800):
        say("chunk", number)
        await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
    await send({"type": "http.response.body"})


if __name__ == "__main__":
    with socket.create_server(("127.0.0.1", 0)) as listener:
        say("port", listener.getsockname()[1])
        WebServer(application, listener=listener, trust_proxy=sys.argv[1] == "trust", access_log=False).run()
        say("left")
