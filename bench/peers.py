"""Other clients, in an environment of their own beside .venv: installed when they are first measured."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCK = HERE / "peers.txt"
ENVIRONMENT = HERE.parent / ".venv-peers"


def peers_python(say: Callable[[str], None]) -> Path | None:
    """The Python that has the peers; None, with a word why, where they cannot be installed."""
    python, stamp = ENVIRONMENT / "bin" / "python", ENVIRONMENT / ".ready"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    say("  installing the clients to compare with into .venv-peers (once, some 400 MB)")
    try:
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        _run(sys.executable, "-m", "venv", str(ENVIRONMENT))
        pip = (str(python), "-m", "pip", "--disable-pip-version-check", "-qq", "install")
        _run(*pip, "--require-hashes", "-r", str(LOCK))
    except (OSError, subprocess.CalledProcessError) as error:
        why = getattr(error, "stderr", "") or str(error)
        say(f"  they cannot be installed, so csuite is measured alone: {why.strip().splitlines()[-1]}")
        return None
    stamp.write_text(wanted)
    return python


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)
