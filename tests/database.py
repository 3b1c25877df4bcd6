"""One database per test process, copied from a template that the run migrates once."""

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connections
from django.db.backends.postgresql.operations import DatabaseOperations
from psycopg import sql

_flush_once = DatabaseOperations.execute_sql_flush
TRIES = 8


def _flush(operations: DatabaseOperations, statements: Any) -> None:
    """Web processes of a test go on beating and sweeping; a flush that deadlocks with them is tried again."""
    for left in range(TRIES - 1, -1, -1):
        try:
            _flush_once(operations, statements)
            return
        except OperationalError as error:
            if not left or "deadlock" not in str(error):
                raise
            time.sleep(0.2)


DatabaseOperations.execute_sql_flush = _flush  # type: ignore[assignment,method-assign]

URLS = ("DATABASE_URL", "DATABASE_ADMIN_URL", "DATABASE_LISTEN_URL")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """Overrides pytest-django's: the web role cannot create databases and the owner alone migrates."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"test_csuite_{worker}_{secrets.token_hex(4)}"
    with django_db_blocker.unblock():
        template = migrated_template()
        create(name, template)
        point_at(name)
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        close_pools()
        drop(name)


def migrated_template() -> str:
    """The name of the template; the first process to ask makes it, the others wait for it."""
    folder = Path(os.environ["CSUITE_TEST_FOLDER"])
    made = folder / "template"
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            name = f"template_csuite_{secrets.token_hex(4)}"
            create(name, "template1")
            with ops(name) as connection:
                connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
            point_at(name)
            call_command("migrate", database="owner", verbosity=0)
            connections.close_all()
            close_pools()
            with ops(name) as connection:
                # The flush after a transactional test runs as the web role.
                web = sql.Identifier(settings.DATABASES["default"]["USER"])
                connection.execute(sql.SQL("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO {}").format(web))
                # waffle's own flags are swapped for ours, but its migrations still make their tables: the flush
                # does not know them and cannot empty what they refer to.
                connection.execute("DROP TABLE IF EXISTS waffle_flag_groups, waffle_flag_users, waffle_flag")
            made.write_text(name)
        return made.read_text()


def pytest_sessionfinish() -> None:
    """The template goes with the run (an embedded server goes altogether)."""
    if "CSUITE_TEST_FOLDER" not in os.environ:  # this run had no database
        return
    made = Path(os.environ["CSUITE_TEST_FOLDER"]) / "template"
    if "PYTEST_XDIST_WORKER" not in os.environ and made.exists():
        drop(made.read_text())


def point_at(name: str) -> None:
    """Make Django, its settings and the processes that tests start use the database `name`."""
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        settings.DATABASES[alias]["NAME"] = name
    for variable in URLS:
        url = with_database(getattr(settings, variable), name)
        setattr(settings, variable, url)
        os.environ[variable] = url


def with_database(url: str, name: str) -> str:
    """The same server and role, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def close_pools() -> None:
    for connection in connections.all():
        if hasattr(connection, "close_pool"):
            connection.close_pool()


@contextmanager
def ops(database: str = "postgres") -> Iterator[psycopg.Connection]:
    """An autocommitting superuser connection to the run's server."""
    url = with_database(os.environ["CSUITE_TEST_OPS_URL"], database)
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def create(name: str, template: str) -> None:
    owner = settings.DATABASES["owner"]["USER"]
    command = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
    with ops() as connection:
        connection.execute(command.format(*map(sql.Identifier, (name, owner, template))))


def drop(name: str) -> None:
    with ops() as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
