"""`python -m csuite.server.jobs worker|beat`: Celery under our lifeline."""

import os
import sys

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
    from csuite.celery import app

    app.start(["--quiet", *command])


if __name__ == "__main__":
    try:
        main("".join(sys.argv[1:2]))
    except StartError as error:
        sys.exit(f"csuite: {error}")
