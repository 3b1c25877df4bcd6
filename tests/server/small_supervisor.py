"""A supervisor over small parts, run as a process of its own by test_supervisor: `python -m … PART…`."""

import os
import sys

from csuite.server import lifeline
from csuite.server.part import Part, Printer
from csuite.server.supervisor import Supervisor
from csuite.server.up import a_lifeline

# Each says its pid first. "family" has a child in its group, "stubborn" ignores SIGTERM, "brief" ends at once.
START = """
import os, signal, subprocess, sys, time
from csuite.server import lifeline
lifeline.watch()
print("pid", os.getpid(), flush=True)
"""
PARTS = {
    "steady": "time.sleep(600)",
    "family": "child = subprocess.Popen(['sleep', '600']); print('pid', child.pid, flush=True); child.wait()",
    "stubborn": "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
    "brief": "print('bye', flush=True); sys.exit(3)",
}


def main(names: list[str]) -> None:
    say = Printer()
    with a_lifeline() as (reading, _):
        environment = os.environ | {lifeline.VARIABLE: str(reading)}
        parts = [Part(n, [sys.executable, "-c", START + PARTS[n]], environment, [reading], say) for n in names]
        Supervisor(parts, None, say).run()


if __name__ == "__main__":
    main(sys.argv[1:])
