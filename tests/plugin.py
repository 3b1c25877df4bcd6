"""Gives a test run its PostgreSQL, before Django reads its settings.

CSUITE_TEST_SERVER (a superuser's postgresql:// address) names a running server; without it the run starts an
embedded one in a folder of its own and stops it at the end. Workers of xdist inherit the address; each worker
has a database of its own (tests/database.py).
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from csuite.server.home import OPS, OWNER, WEB, Home
from csuite.server.postgres import Cluster, take
from csuite.server.roles import ensure_roles

PREFIX = "csuite-test-"
# Nothing is kept, so nothing needs to survive a power cut.
FAST = {"fsync": "off", "full_page_writes": "off", "max_connections": "200"}
WITHOUT_DATABASE = Path(__file__).resolve().parent / "llm"
# A test reaches no provider and no server of the person who runs it.
NOT_FOR_TESTS = (
    "REDIS_URL",
    "DATABASE_LISTEN_URL",
    "CSUITE_PUBLIC_URL",
    "SECRET_KEY",
    "CSUITE_DEMO_PASSWORD",
)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> Iterator[None]:
    """A wrapper, because pytest-django reads the settings in this hook and asks to be first."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _clean_environment()
        if needs_database(args):
            run = TestRun()
            early_config.add_cleanup(run.close)
            run.open()
        else:
            os.environ["DJANGO_SETTINGS_MODULE"] = "tests.llm.settings"
    yield


def needs_database(args: list[str]) -> bool:
    """Not for tests of the model layer alone, which knows no table."""
    chosen = [Path(arg.partition("::")[0]).resolve() for arg in args if not arg.startswith("-")]
    chosen = [path for path in chosen if path.exists()]
    return not chosen or not all(path.is_relative_to(WITHOUT_DATABASE) for path in chosen)


def pytest_configure(config: pytest.Config) -> None:
    """Registered now and not with -p, so that our django_db_setup comes after pytest-django's and wins."""
    from django.conf import settings

    from tests import database

    config.pluginmanager.register(database, "csuite-database")
    # Each test client reads all static files otherwise (0.1 s); servers that tests start do as in production.
    settings.WHITENOISE_AUTOREFRESH = True


class TestRun:
    """The server and the folder of one run; `open` exports their addresses, `close` leaves nothing behind."""

    __test__ = False

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_base()))
        self.home = Home(self.folder / "home")
        self.cluster: Cluster | None = None
        self.lock = hold(self.folder)

    def open(self) -> None:
        sweep()
        self.home.create()
        os.environ["CSUITE_HOME"] = str(self.home.path)
        os.environ["CSUITE_TEST_FOLDER"] = str(self.folder)
        server = os.environ.get("CSUITE_TEST_SERVER")
        passwords = self.home.passwords()
        if server:
            password = urlsplit(server).password or ""
            passwords = {OWNER: password, WEB: password}
        else:
            self.cluster = Cluster(self.home, FAST)
            self.cluster.start()
            server = self.home.database_url(OPS, passwords[OPS], "postgres")
        with psycopg.connect(server, autocommit=True) as connection:
            ensure_roles(connection, passwords, createdb=True)
        os.environ["CSUITE_TEST_OPS_URL"] = server
        os.environ["DATABASE_URL"] = as_role(server, WEB, passwords[WEB])
        os.environ["DATABASE_ADMIN_URL"] = as_role(server, OWNER, passwords[OWNER])

    def close(self) -> None:
        if self.cluster:
            self.cluster.stop()
            shutil.rmtree(self.home.socket_folder, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self.lock)


def as_role(url: str, role: str, password: str) -> str:
    """The same server and database for another role."""
    parts = urlsplit(url)
    server = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{password}@{server}"))


def hold(folder: Path) -> int:
    """Lock the folder for as long as this process lives: so a later run knows it from a leftover."""
    lock = os.open(folder, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


def sweep() -> None:
    """Stop and remove what killed runs left."""
    for folder in Path(_base()).glob(f"{PREFIX}*"):
        if folder.stat().st_uid != os.geteuid():
            continue
        lock = os.open(folder, os.O_RDONLY)
        if take(lock):
            home = Home(folder / "home")
            if home.postgres.exists():
                cluster = Cluster(home)
                cluster.start()
                cluster.stop()
                shutil.rmtree(home.socket_folder, ignore_errors=True)
            shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _base() -> str:
    return tempfile.gettempdir()


def _clean_environment() -> None:
    for name in list(os.environ):
        if name in NOT_FOR_TESTS or name.endswith(("_API_KEY", "_API_KEY_FILE", "_BASE_URL")):
            del os.environ[name]
    os.environ["CSUITE_ENV_FILE"] = os.devnull
