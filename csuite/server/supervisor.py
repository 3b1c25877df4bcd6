"""Keeps the parts running until told to stop, then ends all of them and the database."""

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from csuite.server.drain import GRACE, MARGIN
from csuite.server.errors import StartError
from csuite.server.part import PAUSES, Part, Printer
from csuite.server.postgres import Cluster

TICK = 0.2  # seconds between looks at the parts
STEP = 0.05  # seconds until a signal is noticed
STOP_SECONDS = GRACE + MARGIN + 5.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Wish:
    """What a signal handler sets. threading.Event takes a lock, which the interrupted thread may hold: then the
    handler waits for itself for ever."""

    def __init__(self) -> None:
        self._set = False

    def set(self) -> None:
        self._set = True

    def is_set(self) -> bool:
        return self._set

    def wait(self, seconds: float) -> bool:
        """Whether it was set within so many seconds."""
        end = time.monotonic() + seconds
        while not self._set and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, STEP))
        return self._set


class Supervisor:
    """The loop around the parts and, unless DATABASE_URL replaces it, the embedded database.

    `later` parts start when `ready` is set, so that they do not take the processor from the first ones.
    """

    def __init__(
        self, parts: Sequence[Part], cluster: Cluster | None, say: Printer, later: Sequence[Part] = ()
    ) -> None:
        self.parts = list(parts)
        self.later = list(later)
        self.ready = threading.Event()
        self.cluster = cluster
        self.say = say
        self.stop = Wish()
        self.force = Wish()
        self._database_due = 0.0
        self._database_failures = 0

    def run(self) -> None:
        take_signals(self._on_signal)
        try:
            self._start(self.parts)
            while not self.stop.wait(TICK):
                if self.later and self.ready.is_set():
                    self._start(self.later)
                    self.parts, self.later = self.parts + self.later, []
                self._tend_database()
                for part in self.parts:
                    part.tend()
                self._reap_strangers()
        finally:
            self.end_parts()

    def _start(self, parts: Sequence[Part]) -> None:
        for part in parts:
            part.start()

    def end_parts(self) -> None:
        """SIGTERM, patience, SIGKILL for what is left of every group."""
        for part in self.parts:
            part.terminate()
        end = time.monotonic() + STOP_SECONDS
        while any(part.running() for part in self.parts) and time.monotonic() < end:
            if self.force.wait(TICK / 4):
                break
        for part in self.parts:
            part.kill()
            part.finish()

    def _on_signal(self, number: int, frame: object) -> None:
        if self.stop.is_set():
            self.force.set()
        else:
            self.stop.set()
            threading.Thread(target=self.say, args=["csuite", STOPPING], daemon=True).start()

    def _tend_database(self) -> None:
        cluster = self.cluster
        if cluster is None or cluster.alive():
            return
        if not self._database_due:
            self.say("csuite", "the database ended; starting it again")
        if time.monotonic() < self._database_due:
            return
        try:
            cluster.start()
        except StartError as error:
            pause = PAUSES[min(self._database_failures, len(PAUSES) - 1)]
            self._database_failures += 1
            self._database_due = time.monotonic() + pause
            self.say("csuite", f"{error}; trying again in {pause:g} s")
        else:
            self._database_due, self._database_failures = 0.0, 0
            self.say("csuite", "the database is back")

    def _reap_strangers(self) -> None:
        """Orphans fall to us when we are the first process of a container; ours are left to subprocess."""
        ours = {part.process.pid for part in self.parts if part.process}
        if self.cluster:
            ours.add(self.cluster.pid)
        with suppress(ChildProcessError):
            while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                if ended.si_pid in ours:
                    return
                os.waitpid(ended.si_pid, 0)


def take_signals(handler: Callable[[int, Any], None]) -> None:
    """Handle what ends us; under nohup a lost terminal does not."""
    for number in SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


STOPPING = f"stopping; answers under way have {GRACE:.0f} s to finish (Ctrl-C again ends them)"
