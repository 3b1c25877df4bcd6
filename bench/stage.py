"""Everything a measurement needs: database, provider, the bare relay, csuite with its demo company."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.doors import BareDoor, CsuiteDoor, DirectDoor
from bench.machine import LOAD_CORE, SERVER_CORE, Running, free_port, running
from csuite.server.home import Home
from csuite.server.postgres import Cluster
from csuite.server.roles import ensure_database

ROOT = Path(__file__).resolve().parent.parent
MODEL = "bench-model"
# The bench reaches no provider and no server of the person who runs it.
_OURS = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "SYSTEMROOT")


@dataclass
class Stage:
    """What runs. `seats` are (cookie, conversation) for csuite's doors."""

    provider: str
    bare: Running
    bare_origin: str
    csuite: Running
    csuite_origin: str
    seats: list[tuple[str, str]]
    idle_memory: dict[str, int]
    postmaster: psutil.Process | None
    environment: dict[str, str]  # of csuite's own processes
    folder: Path  # for logs

    def direct_doors(self, count: int) -> list[DirectDoor]:
        return [DirectDoor(self.provider, MODEL) for _ in range(count)]

    def bare_doors(self, count: int) -> list[BareDoor]:
        return [BareDoor(self.bare_origin, MODEL) for _ in range(count)]

    def csuite_doors(self, count: int) -> list[CsuiteDoor]:
        return [CsuiteDoor(self.csuite_origin, cookie, where) for cookie, where in self.seats[:count]]

    @contextmanager
    def messages_provider(self) -> Iterator[str]:
        """A provider that speaks Anthropic's Messages; gives its base URL."""
        port = free_port()
        url, log = f"http://127.0.0.1:{port}/v1", self.folder / "messages.log"
        command = ["-m", "bench.messages", "--port", str(port)]
        with running(command, LOAD_CORE, plain_environment(), log, f"{url}/models"):
            yield url

    def database_cpu(self) -> float:
        """CPU seconds of the database so far, those of ended connections included; 0 if it is not ours."""
        if self.postmaster is None:
            return 0.0
        family = [self.postmaster, *self.postmaster.children(recursive=True)]
        own = [process.cpu_times() for process in family]
        ended = self.postmaster.cpu_times()
        return float(sum(t.user + t.system for t in own) + ended.children_user + ended.children_system)


def plain_environment() -> dict[str, str]:
    """What a process needs to find us, and no setting of the person who runs it."""
    found = {name: os.environ[name] for name in _OURS if name in os.environ}
    return found | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


@contextmanager
def database() -> Iterator[dict[str, str]]:
    """Only a database of its own with csuite's tables in it; gives the environment of what works on it."""
    with ExitStack() as stack:
        home = Home(tempfile.mkdtemp(prefix="csuite-bench-"))
        stack.callback(shutil.rmtree, home.path, ignore_errors=True)
        home.create()
        _database(home, stack)
        ours = plain_environment() | _environment(home, "http://127.0.0.1:9/v1", free_port())
        _run(["manage.py", "prepare"], ours)
        yield ours


@contextmanager
def stage(seats: int) -> Iterator[Stage]:
    """Sets the stage on a temporary home (or on DATABASE_URL and DATABASE_ADMIN_URL, if they are set)."""
    with ExitStack() as stack:
        home = Home(tempfile.mkdtemp(prefix="csuite-bench-"))
        stack.callback(shutil.rmtree, home.path, ignore_errors=True)
        home.create()
        cluster = _database(home, stack)
        provider_port, bare_port, port = free_port(), free_port(), free_port()
        provider = f"http://127.0.0.1:{provider_port}/v1"
        plain = plain_environment()
        ours = plain | _environment(home, provider, port)
        _run(["manage.py", "prepare"], ours)
        out = _run(["-m", "bench.company", str(seats), MODEL], ours)
        log = home.path
        stack.enter_context(
            running(
                ["-m", "tests.fake_provider", "--port", str(provider_port)],
                LOAD_CORE,
                plain,
                log / "provider.log",
                f"{provider}/models",
            )
        )
        bare_origin, origin = f"http://127.0.0.1:{bare_port}", f"http://127.0.0.1:{port}"
        bare_environment = plain | {"PORT": str(bare_port), "UPSTREAM": provider}
        bare = stack.enter_context(
            running(["-m", "bench.bare"], SERVER_CORE, bare_environment, log / "bare.log", bare_origin)
        )
        csuite = stack.enter_context(
            running(["-m", "csuite.server.web"], SERVER_CORE, ours, log / "csuite.log", f"{origin}/accounts/login/")
        )
        yield Stage(
            provider=provider,
            bare=bare,
            bare_origin=bare_origin,
            csuite=csuite,
            csuite_origin=origin,
            seats=[(cookie, conversation) for cookie, conversation in json.loads(out)["seats"]],
            idle_memory={"bare": bare.memory(), "csuite": csuite.memory()},
            postmaster=psutil.Process(cluster.pid) if cluster else None,
            environment=ours,
            folder=log,
        )


def _database(home: Home, stack: ExitStack) -> Cluster | None:
    if os.environ.get("DATABASE_URL"):
        return None
    cluster = Cluster(home)
    stack.callback(cluster.stop)
    cluster.start()
    ensure_database(cluster.connect, home.passwords())
    return cluster


def _environment(home: Home, provider: str, port: int) -> dict[str, str]:
    named = {name: os.environ[name] for name in ("DATABASE_URL", "DATABASE_ADMIN_URL") if name in os.environ}
    return named | {
        "CSUITE_HOME": str(home.path),
        "CSUITE_DEMO_PASSWORD": "correct horse battery",
        "PORT": str(port),
        "LOG_LEVEL": "WARNING",
        "LLM_PRIMARY_PROVIDER": "fireworks",
        "FIREWORKS_API_KEY": "bench",
        "FIREWORKS_BASE_URL": provider,
        "FIREWORKS_MODEL": MODEL,
    }


def _run(arguments: list[str], environment: dict[str, str]) -> str:
    """What our Python printed. Raises RuntimeError with its last lines."""
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    return done.stdout
