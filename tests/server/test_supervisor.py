"""Parts under one supervisor: relayed, restarted, ended together."""

import os
import signal
import sys
from collections.abc import Callable, Iterator

import pytest

from csuite.server.home import ROOT
from csuite.server.part import how_it_ended
from tests.server.running import Running

Start = Callable[..., Running]


@pytest.fixture
def supervise() -> Iterator[Start]:
    """Starts the small supervisor over the named parts."""
    started: list[Running] = []

    def start(*parts: str) -> Running:
        command = [sys.executable, "-m", "tests.server.small_supervisor", *parts]
        started.append(Running(command, os.environ, cwd=ROOT))
        return started[-1]

    yield start
    for running in started:
        running.close()


def pid_in(line: str) -> int:
    return int(line.rpartition(" ")[2])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_ends_every_part_and_its_children(supervise: Start, number: int) -> None:
    running = supervise("steady", "family")
    for _ in range(3):
        running.line("pid")
    running.signal(number)
    assert running.wait() == 0
    assert running.gone()


def test_each_line_carries_the_name_of_its_part(supervise: Start) -> None:
    running = supervise("steady", "family")
    lines = sorted(running.line("pid").partition("|")[0].strip() for _ in range(3))
    assert lines == ["family", "family", "steady"]


def test_a_part_that_ends_is_started_again_and_said_so(supervise: Start) -> None:
    running = supervise("brief")
    running.line("brief ended (exit code 3); starting it again in 0.5 s")
    running.line("brief ended (exit code 3); starting it again in 1 s")


def test_a_killed_part_takes_its_children_along_and_comes_back(supervise: Start) -> None:
    running = supervise("family")
    parent, child = (pid_in(running.line("pid")) for _ in range(2))
    os.kill(parent, signal.SIGKILL)
    running.line("family ended (killed by SIGKILL)")
    running.line("pid")
    assert child not in [process.pid for process in running.family()]


def test_a_second_signal_ends_what_does_not_listen(supervise: Start) -> None:
    running = supervise("stubborn")
    running.line("deaf")
    running.signal(signal.SIGINT)
    running.line("stopping")
    running.signal(signal.SIGINT)
    assert running.wait() == 0
    assert running.gone()


def test_no_part_outlives_a_killed_supervisor(supervise: Start) -> None:
    running = supervise("steady", "family", "stubborn")
    for _ in range(4):
        running.line("pid")
    running.signal(signal.SIGKILL)
    assert running.gone()


def test_ends_are_told_in_words() -> None:
    assert how_it_ended(1) == "exit code 1"
    assert how_it_ended(-9) == "killed by SIGKILL"
    assert how_it_ended(-99) == "killed by signal 99"
