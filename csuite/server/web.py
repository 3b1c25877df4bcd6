"""`python -m csuite.server.web`: one web process, Daphne on uvloop."""

import asyncio
import logging
import os
import socket
import sys
import threading
from importlib import import_module

import uvloop

# Before daphne.server is imported: that module makes the event loop. uvloop halves the cost of a token.
asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())

from csuite.server import env, lifeline, listen  # noqa: E402
from csuite.server.errors import StartError  # noqa: E402

logger = logging.getLogger("csuite.server.web")


def main() -> None:
    lifeline.watch()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csuite.settings")
    # A connection for each piece of work would cost 4 ms of signing in. Here only: no pool survives a worker's fork.
    os.environ.setdefault("DATABASE_POOL", "1")
    listener = _listener()
    # By name: the project's own modules stand above this package, which only starts them.
    application = import_module("csuite.asgi").application
    from csuite.server.asgi_server import WebServer

    with listener:
        server = WebServer(
            application,
            listener=listener,
            trust_proxy=env.boolean("TRUST_PROXY", False),
            access_log=env.boolean("ACCESS_LOG", False),
            ready_callable=_say_who_answers,
        )
        server.run()


def _listener() -> socket.socket:
    """The supervisor's socket, or one of our own."""
    descriptor = os.environ.pop(listen.VARIABLE, None)
    return listen.listening_socket() if descriptor is None else socket.socket(fileno=int(descriptor))


def _say_who_answers() -> None:
    """In a thread: looking for a local model server may take a second."""
    threading.Thread(target=_log_who_answers, name="who-answers", daemon=True).start()


def _log_who_answers() -> None:
    try:
        from csuite.llm.discovery import answering  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        return
    logger.info("%s", answering())


if __name__ == "__main__":
    try:
        main()
    except StartError as error:
        sys.exit(f"csuite: {error}")
