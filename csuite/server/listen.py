"""The listening socket of the web processes.

The supervisor opens it before anything else: a taken port is known at once, several web processes share it,
and while one restarts its callers wait in the backlog instead of being refused.
"""

import errno
import socket

from csuite.server import env
from csuite.server.errors import StartError

VARIABLE = "CSUITE_SOCKET"
BACKLOG = 1024


def listening_socket() -> socket.socket:
    """A socket on HOST (default 127.0.0.1) and PORT (default 8000). Raises StartError, one line."""
    host, port = env.text("HOST", "127.0.0.1"), env.integer("PORT", 8000, low=1, high=65535)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"port {port} on {host} is taken by another program; choose one: PORT={port + 1} make run"
            ) from None
        raise StartError(f"cannot listen on {host}, port {port}: {error.strerror}") from None
    return listener
