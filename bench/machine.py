"""Processes on chosen cores, and what they use."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

SERVER_CORE = 0
LOAD_CORE = 1  # the provider, the database and the load


def pin(core: int) -> None:
    """Keeps this process (and what it starts) on one core, where the system knows cores."""
    if hasattr(os, "sched_setaffinity") and core in os.sched_getaffinity(0) | {core}:
        os.sched_setaffinity(0, {core % (os.cpu_count() or 1)})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Running:
    """A process under measurement. CPU in seconds since `mark`, memory in bytes."""

    process: subprocess.Popen[bytes]
    log: Path
    began: float = 0.0
    memory_at_mark: int = 0
    peak: int = 0
    stat: psutil.Process = field(init=False)

    def __post_init__(self) -> None:
        self.stat = psutil.Process(self.process.pid)

    def cpu(self) -> float:
        times = self.stat.cpu_times()
        return float(times.user + times.system)

    def mark(self) -> None:
        self.began, self.peak = self.cpu(), 0
        self.memory_at_mark = self.memory()

    def used(self) -> float:
        return self.cpu() - self.began

    def memory(self) -> int:
        now = int(self.stat.memory_info().rss)
        self.peak = max(self.peak, now)
        return now


@contextmanager
def running(
    arguments: list[str], core: int, environment: dict[str, str], log: Path, ready: str, seconds: float = 60
) -> Iterator[Running]:
    """Our Python with `arguments` on `core`, once `ready` answers; ended afterwards.

    Raises RuntimeError with the end of its log if it does not come up.
    """
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=environment,
            preexec_fn=lambda: pin(core),
        )
    try:
        _wait(process, ready, seconds, log)
        yield Running(process, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, seconds: float, log: Path) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise RuntimeError(f"{url} did not answer; its log ends:\n{tail}")
