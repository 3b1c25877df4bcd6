"""Real web processes for tests: our launcher on a free port, against the test database and the fake provider."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

from django.conf import settings

WEB_NAME = "csuite-web-of-tests"  # what PostgreSQL calls its connections
ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class WebProcess:
    """One `python -m csuite.server.web`; `url` answers once `start` has returned."""

    def __init__(self, provider_url: str, model: str, port: int | None = None, **environment: str) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
            "PORT": str(self.port),
            "PGAPPNAME": WEB_NAME,
            "SECRET_KEY": settings.SECRET_KEY,
            "FIREWORKS_API_KEY": "test-key",
            "FIREWORKS_BASE_URL": provider_url,
            "FIREWORKS_MODEL": model,
            "LLM_PRIMARY_PROVIDER": "fireworks",
            "DATABASE_POOL": "1",
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.log = Path(os.environ.get("TMPDIR", "/tmp")) / f"csuite-web-{self.port}.log"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> "WebProcess":
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "csuite.server.web"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        for _ in range(600):
            with contextlib.suppress(URLError, OSError):
                urllib.request.urlopen(f"{self.url}/healthz", timeout=2).close()
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"the web process did not answer:\n{self.output()}")

    def output(self) -> str:
        return self.log.read_text(errors="replace")[-8000:]

    def kill(self) -> None:
        """As a crash does: no handler runs."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(40)
            self.kill()
        if "KEEP_LOGS" not in os.environ:
            self.log.unlink(missing_ok=True)


@contextlib.contextmanager
def web_process(provider_url: str, model: str, port: int | None = None, **environment: str) -> Iterator[WebProcess]:
    web = WebProcess(provider_url, model, port, **environment)
    try:
        yield web.start()
    finally:
        web.stop()
