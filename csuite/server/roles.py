"""What a fresh PostgreSQL needs before the first migration: roles, the database, the vector extension.

csuite_owner owns the database and migrates; csuite_web answers requests and is neither owner nor superuser
nor free of row-level security; csuite_ops is the superuser for backups and extensions. Any step may be
repeated.
"""

from collections.abc import Callable

import psycopg
from psycopg import sql

from csuite.server.home import DATABASE, OWNER, WEB

Connect = Callable[[str], psycopg.Connection]


def ensure_roles(connection: psycopg.Connection, passwords: dict[str, str], *, createdb: bool = False) -> None:
    """Create owner and web role unless they exist; `createdb` lets the owner make databases (tests)."""
    known = {str(name) for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    for role in (OWNER, WEB):
        if role in known:
            continue
        may_create = createdb and role == OWNER
        command = "CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE {} PASSWORD {}"
        connection.execute(
            sql.SQL(command).format(
                sql.Identifier(role),
                sql.SQL("CREATEDB" if may_create else "NOCREATEDB"),
                sql.Literal(passwords[role]),
            )
        )


def ensure_database(connect: Connect, passwords: dict[str, str]) -> None:
    """Roles and database, once; `connect(database)` gives an autocommitting superuser connection."""
    with connect("postgres") as connection:
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(query, [DATABASE]).fetchone():
            return
        ensure_roles(connection, passwords)
    with connect("template1") as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
    with connect("postgres") as connection:
        names = {
            "database": sql.Identifier(DATABASE),
            "owner": sql.Identifier(OWNER),
            "web": sql.Identifier(WEB),
        }
        connection.execute(sql.SQL("CREATE DATABASE {database} OWNER {owner}").format(**names))
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {database} FROM PUBLIC").format(**names))
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {database} TO {web}").format(**names))
