"""`python -m csuite.server.jobs worker|beat`: Celery under our lifeline."""

import os
import sys
import warnings
from importlib import import_module
from typing import Any

from csuite.server import env, lifeline
from csuite.server.errors import StartError


def arguments(part: str) -> list[str]:
    """Celery's command line. Gossip and mingle talk to other workers, which the filesystem broker cannot."""
    if part == "worker":
        concurrency = env.integer("WORKER_CONCURRENCY", 2, low=1)
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        return ["worker", f"--concurrency={concurrency}", "--loglevel=INFO", *quiet]
    if part == "beat":
        return ["beat", "--loglevel=INFO", "--pidfile="]
    raise StartError(f"no such part: {part}; worker or beat")


def main(part: str) -> None:
    lifeline.watch()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csuite.settings")
    command = arguments(part)
    from celery import platforms
    from celery.signals import worker_shutting_down

    # By name: the project's own modules stand above this package, which only starts them.
    app = import_module("csuite.celery").app
    # Root is a concern where messages are pickled; ours are JSON only.
    warnings.simplefilter("ignore", platforms.SecurityWarning)  # type: ignore[attr-defined]
    worker_shutting_down.connect(leave_when_idle)
    app.start(["--quiet", *command])


def leave_when_idle(**kwargs: Any) -> None:
    """Celery takes six seconds to close an idle pool over a polling broker; without a task nothing is lost."""
    from billiard import active_children
    from celery.worker import state

    if not state.reserved_requests and not state.active_requests:
        for child in active_children():
            child.terminate()
        os._exit(0)


if __name__ == "__main__":
    try:
        main("".join(sys.argv[1:2]))
    except StartError as error:
        sys.exit(f"csuite: {error}")
