"""A command started for a test, with its lines; everything it left is found and can be ended."""

import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

import psutil

PATIENCE = 180.0  # seconds before a wait is given up; no test measures time


class Running:
    """A process in a session of its own. Its descendants are known by a variable in their environment."""

    MARK = "CSUITE_TEST_RUNNING"

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], **options: Any) -> None:
        self.mark = f"{os.getpid()}-{id(self)}-{time.monotonic_ns()}"
        self.lines: list[str] = []
        self._new: queue.Queue[str | None] = queue.Queue()
        self.process = subprocess.Popen(
            command,
            env={**environment, self.MARK: self.mark},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
            **options,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout:
            for line in self.process.stdout:
                self.lines.append(line.rstrip())
                self._new.put(line.rstrip())
        self._new.put(None)

    def line(self, text: str) -> str:
        """The next line that contains `text`; fails with everything that was said when none comes."""
        end = time.monotonic() + PATIENCE
        while (left := end - time.monotonic()) > 0:
            try:
                line = self._new.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                break
            if text in line:
                return line
        raise AssertionError(f"no line with {text!r} in:\n" + self.text())

    def text(self) -> str:
        return "\n".join(self.lines)

    def signal(self, number: int) -> None:
        os.kill(self.process.pid, number)

    def wait(self) -> int:
        return self.process.wait(PATIENCE)

    def family(self) -> list[psutil.Process]:
        """Every living process that descends from the command, also after the command is gone."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(self.MARK) == self.mark and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def gone(self, *, but: str = "\0") -> bool:
        """Wait until no process of the family is left, save those named `but`."""
        end = time.monotonic() + PATIENCE
        while left := [process for process in self.family() if name(process) != but]:
            if time.monotonic() > end:
                raise AssertionError(f"still there: {left}")
            time.sleep(0.05)
        return True

    def close(self) -> None:
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
        for process in self.family():
            process.kill()
        self.process.wait()
        self._reader.join()


def name(process: psutil.Process) -> str:
    """The name of a process; "" when it just ended."""
    try:
        return str(process.name())
    except psutil.Error:
        return ""
