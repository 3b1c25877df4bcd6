"""`manage.py up`: what stops it from starting, in one line each, and what it survives."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from csuite.server.home import ROOT, WEB, Home
from csuite.server.postgres import Cluster
from tests.server.running import PATIENCE, Running, name

UP = [sys.executable, str(ROOT / "manage.py"), "up"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def environment(home: Home, **more: str) -> dict[str, str]:
    """The shell of somebody who has csuite and nothing else."""
    ours = ("DATABASE_", "CSUITE_", "PYTEST", "DJANGO_", "LLM_")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    return {**clean, "CSUITE_HOME": str(home.path), "CSUITE_ENV_FILE": os.devnull, **more}


def refusal(home: Home, **more: str) -> str:
    """What `up` says when it does not start: one line on standard error, exit code 1."""
    variables = {"PORT": str(free_port()), **more}
    done = subprocess.run(
        UP, env=environment(home, **variables), capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("csuite: ")
    return done.stderr


class Up(Running):
    """A running csuite on a home of its own."""

    def __init__(self, home: Home, **more: str) -> None:
        self.home = home
        self.port = int(more.setdefault("PORT", str(free_port())))
        super().__init__(UP, environment(home, **more), cwd=ROOT)

    def get(self, path: str) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE) as response:
            return int(response.status)

    def part(self, word: str) -> psutil.Process:
        """The oldest process of the family with `word` on its command line."""
        return min((p for p in self.family() if word in p.cmdline()), key=psutil.Process.create_time)


@pytest.fixture
def up(home: Home) -> Iterator[Up]:
    """csuite up and answering, with its demo."""
    up = Up(home, CSUITE_DEMO_PASSWORD="a password for the test")
    up.line("ready at")
    yield up
    up.close()
    shutil.rmtree(home.socket_folder, ignore_errors=True)


def test_a_taken_port_is_said_and_nothing_is_started(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = refusal(home, PORT=str(port))
    assert f"port {port} on 127.0.0.1 is taken" in said
    assert not home.postgres.exists()


def test_a_folder_that_is_not_ours_is_said(home: Home) -> None:
    home.path.mkdir()
    (home.path / "thesis.txt").touch()
    assert "not a folder of csuite" in refusal(home)


def test_another_major_version_is_said(home: Home) -> None:
    home.create()
    home.postgres.mkdir()
    (home.postgres / "PG_VERSION").write_text("15\n")
    assert "PostgreSQL 15" in refusal(home)


def test_a_bad_setting_is_said(home: Home) -> None:
    assert "PORT must be a whole number" in refusal(home, PORT="eighty")


def test_a_path_no_system_takes_is_said(home: Home) -> None:
    assert "too long" in refusal(Home(home.path / ("x" * 300)))


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    """On a file system of 12 MB, in a mount namespace of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    home = Home(disk / "home")
    script = f'mount -t tmpfs -o size=12m,mode=755 none "{disk}" && exec "$@"'
    mine = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "sh", "-c"]
    if subprocess.run([*mine, script, "sh", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody mount a small disk")
    command = [*mine, script, "sh", *UP]
    variables = environment(home, PORT=str(free_port()))
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 1, done.stdout
    assert done.stderr.count("\n") == 1, done.stderr
    assert "no space left" in done.stderr


@pytest.mark.long
def test_it_serves_and_one_signal_leaves_no_process(up: Up) -> None:
    assert [up.get(path) for path in ("/healthz", "/readyz", "/accounts/login/")] == [200, 200, 200]
    assert "elena@northwind.example" in up.text()
    up.line("celery@")
    up.signal(signal.SIGINT)
    assert up.wait() == 0
    assert up.gone()


@pytest.mark.long
def test_a_second_start_does_not_prepare_or_print_logins_again(up: Up) -> None:
    up.close()
    again = Up(up.home)
    again.line("ready at")
    again.close()
    assert "preparing" not in again.text()
    assert "elena@" not in again.text()


@pytest.mark.long
def test_a_second_copy_on_the_same_home_names_the_first(up: Up) -> None:
    said = refusal(up.home)
    assert f"already runs on {up.home.path} as process {up.process.pid}" in said
    assert up.get("/readyz") == 200


@pytest.mark.long
def test_a_killed_supervisor_leaves_only_the_database_which_is_taken_over(up: Up) -> None:
    up.signal(signal.SIGKILL)
    assert up.gone(but="postgres")
    postmaster = Cluster(up.home)
    postmaster.start()
    assert postmaster.adopted
    again = Up(up.home)
    again.line(f"process {postmaster.pid}) and is taken over")
    again.line("ready at")
    assert again.get("/readyz") == 200
    again.close()
    assert up.gone()


@pytest.mark.long
def test_everything_killed_at_once_starts_again_with_its_data(up: Up) -> None:
    for process in up.family():
        process.kill()
    assert up.gone()
    again = Up(up.home)
    again.line("ready at")
    url = up.home.database_url(WEB, up.home.passwords()[WEB])
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM tenants_user").fetchone()
    again.close()
    assert row is not None
    assert row[0] >= 5


@pytest.mark.long
@pytest.mark.parametrize("part", ["csuite.server.web", "worker", "beat"])
def test_a_killed_part_comes_back_and_says_so(up: Up, part: str) -> None:
    up.line("celery@")
    up.part(part).kill()
    up.line("ended (killed by SIGKILL); starting it again")
    up.line({"csuite.server.web": "answers", "worker": "celery@", "beat": "beat"}[part])
    assert up.get("/readyz") == 200


@pytest.mark.long
def test_a_killed_database_comes_back_under_the_running_parts(up: Up) -> None:
    postmaster = next(p for p in up.family() if name(p) == "postgres" and p.ppid() == up.process.pid)
    postmaster.kill()
    up.line("the database ended; starting it again")
    up.line("the database is back")
    assert up.get("/readyz") == 200


@pytest.mark.long
def test_a_database_of_ones_own_replaces_the_embedded_one(home: Home, cluster: Cluster, tmp_path: Path) -> None:
    from csuite.server.roles import ensure_database

    ensure_database(cluster.connect, home.passwords())
    urls = home.database_urls()
    other = Home(tmp_path / "other")
    up = Up(other, DATABASE_URL=urls.web, DATABASE_ADMIN_URL=urls.owner)
    up.line("ready at")
    assert up.get("/readyz") == 200
    up.close()
    assert not other.postgres.exists()


@pytest.mark.long
def test_a_database_that_is_not_there_is_said_in_plain_words(home: Home) -> None:
    address = f"postgresql://somebody:secret@127.0.0.1:{free_port()}/csuite"
    up = Up(home, DATABASE_URL=address)
    up.line("cannot reach the database at 127.0.0.1")
    assert up.wait() == 1
    up.close()
    assert "Traceback" not in up.text()
    assert "secret" not in up.text()
