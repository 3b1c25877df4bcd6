"""PostgreSQL never runs as root: the ways around it, and the plain words when there is none."""

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from csuite.server import runas
from csuite.server.errors import StartError
from csuite.server.home import ROOT, Home
from csuite.server.postgres import Cluster, programs
from tests.server.conftest import needs_root

Make = Callable[[Home], Cluster]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, unlike tmp_path."""
    folder = Path(tempfile.mkdtemp(prefix="csuite-open-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def no_namespaces(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A system without unshare, as in a container that forbids user namespaces."""
    monkeypatch.setenv("PATH", str(tmp_path))
    runas.namespaces_work.cache_clear()
    yield
    runas.namespaces_work.cache_clear()


def reachable(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


@needs_root
def test_root_in_a_namespace_keeps_the_files_its_own(cluster: Cluster) -> None:
    assert cluster.data.stat().st_uid == 0
    assert psutil.Process(cluster.pid).uids().effective == 0
    status = Path(f"/proc/{cluster.pid}/status").read_text()
    assert "CapEff:\t0000000000000000" in status


@needs_root
@pytest.mark.usefixtures("no_namespaces")
def test_root_without_namespaces_hands_the_data_to_nobody(open_folder: Path, new_cluster: Make) -> None:
    if not reachable(programs()):
        pytest.skip("this checkout lies where user nobody cannot reach it")
    home = Home(open_folder / "home")
    home.create()
    for _ in range(2):
        cluster = new_cluster(home)
        cluster.start()
        assert psutil.Process(cluster.pid).uids().effective == pwd.getpwnam("nobody").pw_uid
        cluster.connect().close()
        cluster.stop()
    assert home.secrets_file.stat().st_mode & 0o777 == 0o600


@needs_root
@pytest.mark.usefixtures("no_namespaces")
def test_root_without_namespaces_says_which_folder_nobody_cannot_enter(home: Home) -> None:
    home.create()
    home.path.parent.chmod(0o700)
    with pytest.raises(StartError, match=rf"user nobody cannot enter {home.path.parent};"):
        Cluster(home).start()


@needs_root
@pytest.mark.usefixtures("no_namespaces")
def test_data_made_in_a_namespace_is_not_started_without_one(home: Home) -> None:
    home.create()
    home.postgres.mkdir()
    with pytest.raises(StartError, match="made by root in a user namespace"):
        runas.run_as(home.postgres, programs())


@needs_root
@pytest.mark.long
def test_a_normal_user_runs_all_the_same(open_folder: Path) -> None:
    """The other tests of the database, and of a whole start two, once more as user nobody."""
    candidates = [Path(sys.executable).resolve(), Path("/usr/bin/python3"), Path("/usr/local/bin/python3")]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    python = next((p for p in candidates if p.exists() and reachable(p.parent) and says(p) == version), None)
    if python is None or not reachable(ROOT):
        pytest.skip("neither this checkout nor a Python of its version can be reached by user nobody")
    nobody = pwd.getpwnam("nobody")
    os.chown(open_folder, nobody.pw_uid, nobody.pw_gid)
    files = ["test_postgres.py", "test_home.py"]
    starts = [
        "test_it_serves_and_one_signal_leaves_no_process",
        "test_a_killed_database_comes_back_under_the_running_parts",
    ]
    done = subprocess.run(
        [
            python,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            *(f"tests/server/{file}" for file in files),
            *(f"tests/server/test_up.py::{name}" for name in starts),
        ],
        cwd=ROOT,
        env={
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(open_folder),
            "TMPDIR": str(open_folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.pathsep.join([str(ROOT), sysconfig.get_path("purelib")]),
        },
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def says(python: Path) -> str:
    """The version of an interpreter, as 3.11."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=False).stdout.strip()
