"""Whether the database was prepared by exactly this code, so that a start can skip a Django of its own.

The mark is the comment of our own embedded database: it comes and goes with the data it speaks of.
"""

import hashlib
from pathlib import Path

import psycopg
from psycopg import sql

from csuite.server.home import DATABASE, ROOT

MARK = "prepared by code "


def fingerprint(root: Path = ROOT) -> str:
    """A digest of everything that decides what preparing does: our code and the locked packages."""
    digest = hashlib.sha256()
    for file in [*sorted((root / "csuite").rglob("*.py")), root / "requirements.txt"]:
        digest.update(str(file.relative_to(root)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_prepared(connection: psycopg.Connection, code: str) -> bool:
    """Whether `mark_prepared` was the last to speak, with the same code."""
    query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    row = connection.execute(query, [DATABASE]).fetchone()
    return row is not None and row[0] == MARK + code


def mark_prepared(connection: psycopg.Connection, code: str) -> None:
    name, mark = sql.Identifier(DATABASE), sql.Literal(MARK + code)
    connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, mark))
