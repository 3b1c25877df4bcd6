"""One supervised process: in a group of its own, its lines prefixed, restarted with growing pauses."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO

PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # seconds before the n-th restart in a row
STEADY = 60.0  # seconds after which a part counts as healthy and its pauses start again
LINE_LIMIT = 65536


class Printer:
    """Lines of several processes on one stream, each with the name of its part."""

    COLOURS = {"web": 36, "worker": 32, "beat": 35, "database": 34, "prepare": 33, "csuite": 1}

    def __init__(self, stream: IO[str] | None = None) -> None:
        self.stream = stream or sys.stdout
        self.coloured = self.stream.isatty() and "NO_COLOR" not in os.environ
        self._lock = threading.Lock()

    def __call__(self, name: str, line: str) -> None:
        prefix = f"{name:<8} |"
        if self.coloured:
            prefix = f"\x1b[{self.COLOURS.get(name.partition('-')[0], 0)}m{prefix}\x1b[0m"
        # A terminal that went away ends no part.
        with self._lock, suppress(OSError, ValueError):
            self.stream.write(f"{prefix} {line}\n")
            self.stream.flush()


@dataclass
class Part:
    """A command to keep running. `environment` is whole; `descriptors` stay open in the child."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    descriptors: Sequence[int]
    say: Printer
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started: float = 0.0
    due: float | None = None  # when to start again; None while it runs
    _pump: threading.Thread | None = field(default=None, repr=False)

    def start(self) -> None:
        self.due, self.started = None, time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment,
            pass_fds=self.descriptors,
            start_new_session=True,  # a Ctrl-C on the terminal is the supervisor's to handle
        )
        self._pump = threading.Thread(target=self._relay, args=[self.process.stdout], daemon=True)
        self._pump.start()

    def tend(self) -> None:
        """Called often: notice an end, say so, start again when the pause is over."""
        if self.due is not None:
            if time.monotonic() >= self.due:
                self.start()
            return
        code = self.process.poll() if self.process else None
        if code is None:
            return
        self.kill()
        if time.monotonic() - self.started > STEADY:
            self.failures = 0
        pause = PAUSES[min(self.failures, len(PAUSES) - 1)]
        self.failures += 1
        self.due = time.monotonic() + pause
        self.say("csuite", f"{self.name} ended ({how_it_ended(code)}); starting it again in {pause:g} s")

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def terminate(self) -> None:
        """Ask the process to finish; it tells its own children."""
        self.due = None
        if self.running() and self.process:
            self.process.terminate()

    def kill(self) -> None:
        """End what is left of its group."""
        if self.process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def finish(self) -> int:
        """Wait for the end and for the last line; the exit code."""
        code = self.process.wait() if self.process else 0
        if self._pump:
            self._pump.join(2)
        return code

    def _relay(self, output: IO[bytes]) -> None:
        with output:
            while line := output.readline(LINE_LIMIT):
                self.say(self.name, line.decode(errors="replace").rstrip())


def how_it_ended(code: int) -> str:
    """A return code of subprocess in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
