"""A part ends with its supervisor, even when that one is killed.

The supervisor alone holds the writing end of a pipe; each part blocks on the reading end in a thread. The
end of the file is the end of the supervisor. Unlike a parent death signal this reaches the children of a part
(they share its process group) and works on every system.
"""

import os
import signal
import threading

VARIABLE = "CSUITE_LIFELINE"


def watch() -> None:
    """Start watching the descriptor the supervisor passed; nothing to do when nobody supervises us."""
    descriptor = os.environ.pop(VARIABLE, None)
    if descriptor is not None:
        threading.Thread(target=_wait, args=[int(descriptor)], name="lifeline", daemon=True).start()


def _wait(descriptor: int) -> None:
    while os.read(descriptor, 1):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)
