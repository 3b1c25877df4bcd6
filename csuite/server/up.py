"""`manage.py up`: the database, what it needs, then web, worker and beat under one supervisor.

Without Django: it holds four processes for weeks and should cost little. Whatever needs Django is a process.
"""

import fcntl
import http.client
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from csuite.server import env, lifeline, listen
from csuite.server.errors import StartError
from csuite.server.fingerprint import fingerprint, is_prepared, mark_prepared
from csuite.server.home import DATABASE, ROOT, Home, one_line
from csuite.server.part import Part, Printer
from csuite.server.postgres import Cluster, take
from csuite.server.roles import ensure_database
from csuite.server.supervisor import Supervisor, take_signals


def main() -> int:
    """Exit code 0 after a stop, 1 with one line on standard error when it cannot start."""
    take_signals(_interrupt)
    try:
        env.read_file(ROOT / ".env")
        up(Home.from_environ(), Printer())
    except StartError as error:
        print(f"csuite: {error}", file=sys.stderr)  # noqa: T201 - this is the command's answer
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def up(home: Home, say: Printer) -> None:
    """Run until a signal. Whatever was started is ended on every way out."""
    with ExitStack() as stack:
        home.create()
        stack.enter_context(only_one(home))
        listener = stack.enter_context(listen.listening_socket())
        reading, _ = stack.enter_context(a_lifeline())
        cluster = None
        start = Starter(home, say, reading)
        if not env.secret("DATABASE_URL"):
            cluster = Cluster(home)
            stack.callback(cluster.stop)
            cluster.start()
            ensure_database(cluster.connect, home.passwords())
            if cluster.adopted:
                say("csuite", f"the database was still running (process {cluster.pid}) and is taken over")
        prepare(start, cluster)
        web = [start.web(name, listener) for name in web_names()]
        jobs = [start.part(name, "-m", "csuite.server.jobs", name) for name in ("worker", "beat")]
        supervisor = Supervisor(web, cluster, say, later=jobs)
        threading.Thread(target=greet, args=[listener, say, supervisor.ready], daemon=True).start()
        supervisor.run()


class Starter:
    """Makes parts that share the home, the environment and the lifeline of this supervisor."""

    def __init__(self, home: Home, say: Printer, reading: int) -> None:
        self.say = say
        self.reading = reading
        self.environment = os.environ | {
            "CSUITE_HOME": str(home.path),
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
            lifeline.VARIABLE: str(reading),
        }

    def part(self, name: str, *arguments: str) -> Part:
        """A part that runs our Python with `arguments`."""
        return Part(name, [sys.executable, *arguments], self.environment, [self.reading], self.say)

    def web(self, name: str, listener: socket.socket) -> Part:
        """A web process on the shared listening socket."""
        descriptor = listener.fileno()
        environment = self.environment | {listen.VARIABLE: str(descriptor)}
        command = [sys.executable, "-m", "csuite.server.web"]
        return Part(name, command, environment, [self.reading, descriptor], self.say)


def web_names() -> list[str]:
    count = env.integer("WEB_PROCESSES", 1, low=1, high=64)
    return ["web"] if count == 1 else [f"web-{number}" for number in range(1, count + 1)]


def prepare(start: Starter, cluster: Cluster | None) -> None:
    """Migrate and load the demo, unless our own database says that this very code did. Raises StartError."""
    code = fingerprint()
    if cluster:
        with cluster.connect(DATABASE) as connection:
            if is_prepared(connection, code):
                return
    start.say("csuite", "preparing the database")
    part = start.part("prepare", str(ROOT / "manage.py"), "prepare")
    try:
        part.start()
        failed = part.finish()
    finally:
        part.kill()
    if failed:
        raise StartError("the database could not be prepared; the lines above say why")
    if cluster:
        with cluster.connect(DATABASE) as connection:
            mark_prepared(connection, code)


def greet(listener: socket.socket, say: Printer, ready: threading.Event) -> None:
    """Say where to go as soon as somebody answers there, and set `ready`."""
    address = listener.getsockname()
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address[0], address[0])  # noqa: S104 - compared, not bound
    connection = http.client.HTTPConnection(host, address[1], timeout=120)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return  # the lines of the web process say why
    finally:
        connection.close()
        ready.set()
    shown = f"[{host}]" if ":" in host else host
    say(
        "csuite",
        f"ready at {env.url('CSUITE_PUBLIC_URL', f'http://{shown}:{address[1]}')}/ (Ctrl-C stops it)",
    )


@contextmanager
def only_one(home: Home) -> Iterator[None]:
    """Hold the home for this process; the file names its holder. Raises StartError for a second copy."""
    with one_line(home.lock_file), home.lock_file.open("a+") as lock:
        if not take(lock.fileno()):
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise StartError(
                f"csuite already runs on {home.path} as process {holder}; stop that one or set CSUITE_HOME"
            )
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
        fcntl.flock(lock, fcntl.LOCK_UN)


@contextmanager
def a_lifeline() -> Iterator[tuple[int, int]]:
    """A pipe whose writing end only this process holds."""
    reading, writing = os.pipe()
    try:
        yield reading, writing
    finally:
        os.close(writing)
        os.close(reading)


def _interrupt(number: int, frame: Any) -> None:
    """The first signal while starting undoes what was started; further ones must not cut that short."""
    take_signals(lambda number, frame: None)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
