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
from django.test import TransactionTestCase
from psycopg import sql

TRIES = 8


def _restore(test: TransactionTestCase) -> None:
    """After a test that committed: the rows of a fresh database again, in a thirtieth of the time of Django's flush."""
    connection = connections["default"]
    for _ in range(2):  # what a web process of the test had in hand came after the first time
        for left in range(TRIES - 1, -1, -1):
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT fresh.restore()")
                break
            except OperationalError as error:
                # Web processes of a test go on beating and sweeping.
                if not left or "deadlock" not in str(error):
                    raise
                time.sleep(0.2)


TransactionTestCase._fixture_teardown = _restore  # type: ignore[attr-defined]

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
                keep_fresh(connection)
            made.write_text(name)
        return made.read_text()


KEEP = """
CREATE SCHEMA fresh;
CREATE FUNCTION fresh.columns_of(kept regclass) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = kept AND attnum > 0 AND NOT attisdropped AND attgenerated = '' $$;
"""
# Rows are compared as text: json has no equality.
RESTORE_KEPT = """
    IF (SELECT count(*) FROM public.{table}) <> (SELECT count(*) FROM fresh.{table})
        OR EXISTS (SELECT f::text FROM fresh.{table} f EXCEPT ALL SELECT p::text FROM public.{table} p)
    THEN
        DELETE FROM public.{table};
        INSERT INTO public.{table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM fresh.{table};
    END IF;"""
RESTORE_EMPTY = "\n    IF EXISTS (SELECT FROM public.{table}) THEN DELETE FROM public.{table}; END IF;"
# As superuser, past row-level security, and as a replica: no trigger and no foreign key looks at the order.
RESTORE = """
CREATE FUNCTION fresh.restore() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET session_replication_role = replica AS $$ BEGIN {} END $$;
CREATE FUNCTION fresh.empty(emptied text[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET session_replication_role = replica AS $$
    DECLARE name text;
    BEGIN FOREACH name IN ARRAY emptied LOOP EXECUTE format('DELETE FROM public.%I', name); END LOOP; END $$;
GRANT USAGE ON SCHEMA fresh TO {};
"""
TABLES = """SELECT relname FROM pg_class JOIN pg_namespace space ON space.oid = relnamespace
    WHERE nspname = 'public' AND relkind = 'r' ORDER BY relname"""


def keep_fresh(connection: psycopg.Connection) -> None:
    """Keep a copy of what the migrations filled in, and make the function that brings it back."""
    connection.execute(KEEP)
    body = sql.Composed([])
    for (name,) in connection.execute(TABLES).fetchall():
        table = sql.Identifier(name)
        filled = connection.execute(sql.SQL("SELECT EXISTS (SELECT FROM public.{})").format(table)).fetchone()
        if filled == (False,):
            body += sql.SQL(RESTORE_EMPTY).format(table=table)
            continue
        connection.execute(sql.SQL("CREATE TABLE fresh.{0} AS SELECT * FROM public.{0}").format(table))
        found = connection.execute("SELECT fresh.columns_of(to_regclass(%s))", [f'public."{name}"']).fetchone()
        assert found is not None
        body += sql.SQL(RESTORE_KEPT).format(table=table, columns=sql.SQL(found[0]))
    web = sql.Identifier(settings.DATABASES["default"]["USER"])
    connection.execute(sql.SQL(RESTORE).format(body, web))


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
